import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { parseCredentials } from "../../sip/parser/index.ts";
import { digestResponse } from "../../sip/registrar/index.ts";
import { type ComingText, deviceTime, type FarNetwork, type SimulatedPort } from "./far-network.ts";
import { type HttpMischief, misanswer } from "./http-mischief.ts";

export interface DinstarOptions {
  readonly network: FarNetwork;
  readonly ports: readonly SimulatedPort[];
  readonly host?: string;
  readonly user?: string;
  readonly password?: string;
  readonly auth?: "digest" | "basic";
  /** Answers over HTTPS only; PEM texts. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Keeps connections open after an answer, also where it is asked not to. */
  readonly keepAlive?: boolean;
  /** Takes the proof of each challenge but once. */
  readonly challengesOnce?: boolean;
  /** Says 404 where there is nothing to tell. */
  readonly noneIsNotFound?: boolean;
  /** What the network writes before the number of a report. */
  readonly countryCode?: string;
  /** How it writes its answers; as UTF-8 when absent. */
  readonly encode?: (json: string) => Uint8Array;
}

const SendSms = z.object({
  text: z.string(),
  port: z.array(z.number()),
  param: z.array(z.object({ number: z.string(), user_id: z.number(), text_param: z.array(z.string()).optional() })).min(1),
});
const Ussd = z.object({ command: z.string(), port: z.array(z.number()).min(1), text: z.string().optional() });
const ByUser = z.object({ user_id: z.array(z.number()) });
const ByNumber = z.object({ number: z.array(z.string()) });

/** How many texts one answer holds: the real thing answers with some 8 KB. */
const PAGE = 5;

interface Kept {
  readonly incoming_sms_id: number;
  readonly port: number | null;
  readonly number: string;
  readonly smsc: string;
  readonly timestamp: string;
  readonly text: string;
}

/** A Dinstar gateway as seen over HTTP. */
export class DinstarDevice implements AsyncDisposable {
  readonly #options: DinstarOptions;
  readonly #server: Server;
  #nonce = randomBytes(8).toString("hex");
  #serial = "db00-0102-1234-5678";
  #kept: Kept[] = [];
  #lastId = 0;
  readonly #results: Record<string, unknown>[] = [];
  readonly #statuses: Record<string, unknown>[] = [];
  readonly #replies = new Map<number, string>();
  #mischief: HttpMischief | undefined;
  #congested = false;
  #keepsReports = false;
  #refusal: number | undefined;
  readonly #breaks: { readonly path: string; readonly carriedOut: boolean }[] = [];
  /** Paths that were asked, in their order. */
  readonly asked: string[] = [];

  private constructor(options: DinstarOptions) {
    this.#options = options;
    const serve = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response);
    const { tls } = options;
    this.#server = tls ? createTlsServer({ cert: tls.certificate, key: tls.key }, serve) : createServer(serve);
    if (options.keepAlive === true) this.#server.keepAliveTimeout = 60_000;
  }

  static async open(options: DinstarOptions): Promise<DinstarDevice> {
    const device = new DinstarDevice(options);
    device.#server.listen(0, options.host ?? "127.0.0.1");
    await once(device.#server, "listening");
    return device;
  }

  get managementPort(): number {
    const address: AddressInfo | string | null = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the device does not listen");
    return address.port;
  }

  /** Answers wrongly from now on; undefined: rightly again. */
  misbehave(mischief: HttpMischief | undefined): void {
    this.#mischief = mischief;
  }

  /** Breaks the connection at the next question with this path, before or after it is carried out. */
  breakAt(path: string, carriedOut: "before" | "after"): void {
    this.#breaks.push({ path, carriedOut: carriedOut === "after" });
  }

  /** Tells no reports of texts that are sent from now on; false: tells them again. */
  keepReports(keeps = true): void {
    this.#keepsReports = keeps;
  }

  /** Keeps a text of which it does not tell the port. */
  keepUnreadable(): void {
    this.#lastId += 1;
    this.#kept.push({ incoming_sms_id: this.#lastId, port: null, number: "10086", smsc: "", timestamp: "", text: "?" });
  }

  async comeIn({ port, from, text, sentAt = Date.now() }: ComingText): Promise<void> {
    this.#lastId += 1;
    const smsc = "+8613800100500";
    this.#kept.push({ incoming_sms_id: this.#lastId, port, number: from, smsc, timestamp: deviceTime(sentAt), text });
  }

  /** Somebody empties it: it counts anew. */
  clear(): void {
    this.#kept = [];
    this.#lastId = 0;
  }

  /** Takes no proof any longer that was made of its last challenge. */
  renewNonce(): void {
    this.#nonce = randomBytes(8).toString("hex");
  }

  /** Keeps texts in its queue from now on. */
  congest(): void {
    this.#congested = true;
  }

  /** Takes no text from now on, e.g. 550 as with a full queue; undefined: takes them again. */
  refuse(code: number | undefined): void {
    this.#refusal = code;
  }

  /** Another device of the same make takes its place. */
  replace(serial: string): void {
    this.#serial = serial;
    this.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const mischief = this.#mischief;
    if (mischief !== undefined && mischief !== "wrong-shape") return misanswer(response, mischief);
    if (!this.#isAuthorised(request)) {
      const qop = `Digest realm="Web Server", domain="", nonce="${this.#nonce}", algorithm="MD5", qop="auth", opaque="5ccc"`;
      response.writeHead(401, { "www-authenticate": this.#options.auth === "basic" ? 'Basic realm="Web Server"' : qop });
      response.end("<html>401</html>");
      return;
    }
    if (this.#options.challengesOnce === true) this.renewNonce();
    const url = new URL(request.url ?? "/", "http://device");
    this.asked.push(url.pathname);
    const breaking = this.#breaks.findIndex(({ path }) => path === url.pathname);
    const [broken] = breaking < 0 ? [] : this.#breaks.splice(breaking, 1);
    if (broken?.carriedOut === false) return misanswer(response, "hang-up");
    const body: unknown = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString("utf8")) : undefined;
    const answer = mischief === "wrong-shape" ? { info: "many" } : this.#answer(url, body);
    if (broken) return misanswer(response, "cut");
    if (!answer) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": "application/json" }).end(this.#encoded(answer));
  }

  #encoded(answer: Record<string, unknown>): Uint8Array {
    const { noneIsNotFound = false, encode = (json) => Buffer.from(json) } = this.#options;
    const isNone = noneIsNotFound && Object.values(answer).some((value) => Array.isArray(value) && value.length === 0);
    return encode(JSON.stringify({ sn: this.#serial, ...(isNone ? { error_code: 404 } : answer) }));
  }

  #isAuthorised(request: IncomingMessage): boolean {
    const { user = "admin", password = "secret", auth = "digest" } = this.#options;
    const stated = request.headers.authorization ?? "";
    if (auth === "basic") return stated === `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    const params = parseCredentials(stated)?.params;
    const value = (name: string) => params?.get(name) ?? "";
    if (value("nonce") !== this.#nonce || value("uri") !== request.url || value("opaque") !== "5ccc") return false;
    const expected = digestResponse({
      algorithm: "MD5",
      username: user,
      realm: "Web Server",
      password,
      method: request.method ?? "",
      uri: value("uri"),
      nonce: this.#nonce,
      qop: { count: value("nc"), cnonce: value("cnonce") },
    });
    return value("username") === user && value("response") === expected;
  }

  #answer({ pathname, searchParams }: URL, body: unknown): Record<string, unknown> | undefined {
    const ports = (searchParams.get("port") ?? "").split(",").map(Number);
    switch (pathname) {
      case "/api/get_port_info":
        return { error_code: 200, info: this.#options.ports.filter(({ port }) => ports.includes(port)).map(infoOf) };
      case "/api/send_sms":
        return this.#sendSms(SendSms.parse(body));
      case "/api/query_sms_result":
        return { error_code: 200, result: this.#resultsOf(ByUser.parse(body).user_id) };
      case "/api/query_sms_deliver_status": {
        const { number } = ByNumber.parse(body);
        const { countryCode = "" } = this.#options;
        const found = this.#statuses.filter((status) => number.includes(String(status.number)));
        return { error_code: 200, result: found.map((one) => ({ ...one, number: `${countryCode}${String(one.number)}` })) };
      }
      case "/api/stop_sms":
        return { error_code: this.#congested ? 200 : 404 };
      case "/api/query_incoming_sms": {
        const after = Number(searchParams.get("incoming_sms_id") ?? "0");
        const sms = this.#kept.filter(({ incoming_sms_id }) => incoming_sms_id > after).slice(0, PAGE);
        return { error_code: 200, sms, read: 0, unread: this.#kept.length };
      }
      case "/api/send_ussd":
        return this.#sendUssd(Ussd.parse(body));
      case "/api/query_ussd_reply":
        return { error_code: 200, reply: ports.map((port) => ({ port, text: this.#replies.get(port) ?? "" })) };
      default:
        return undefined;
    }
  }

  #sendSms({ text, port: [port = 0], param: [first] }: z.infer<typeof SendSms>): Record<string, unknown> {
    const socket = this.#options.ports.find((one) => one.port === port);
    if (this.#refusal !== undefined) return { error_code: this.#refusal };
    if (!first || socket?.state !== "registered") return { error_code: 503 };
    const whole = text.replaceAll("#param#", () => first.text_param?.[0] ?? "");
    if (Buffer.byteLength(whole) > 1_500) return { error_code: 413 };
    const fate = this.#options.network.take({ port, to: first.number, text: whole });
    if (fate === "refused") return { error_code: 400 };
    const ref_id = (this.#results.length + 1) & 0xff;
    const known = { port, number: first.number, time: deviceTime(Date.now()) };
    const status = fate === "busy" ? "FAILED" : "SENT_OK";
    this.#results.push({ ...known, user_id: first.user_id, status, count: 1, succ_count: 1, ref_id, imsi: socket.imsi });
    if (fate !== "busy" && !this.#keepsReports)
      this.#statuses.push({ ...known, ref_id, status_code: fate === "lost" ? 0x46 : 0, imsi: socket.imsi });
    return { error_code: 202, sms_in_queue: 1, task_id: this.#results.length };
  }

  /** It waits in the queue when it is asked for the first time. */
  readonly #queued = new Set<unknown>();

  #resultsOf(userIds: readonly number[]): readonly Record<string, unknown>[] {
    return this.#results
      .filter((result) => userIds.includes(Number(result.user_id)))
      .map((result) => {
        if (this.#queued.has(result.user_id) && !this.#congested) return result;
        this.#queued.add(result.user_id);
        return { ...result, status: "SENDING", ref_id: undefined };
      });
  }

  #sendUssd({ command, port: [port = 0], text = "" }: z.infer<typeof Ussd>): Record<string, unknown> {
    const socket = this.#options.ports.find((one) => one.port === port);
    const status = socket?.state === "registered" ? 202 : 503;
    const reply = this.#options.network.codes.get(text);
    if (command === "send" && status === 202 && reply !== undefined) this.#replies.set(port, reply);
    return { error_code: 202, result: [{ port, status }] };
  }
}

function infoOf({ port, state, busy, signal, iccid, imsi, number }: SimulatedPort): Record<string, unknown> {
  const reg = { registered: "REGISTER_OK", "no-sim": "NO_SIM", searching: "UNREGISTER", "power-off": "POWER_OFF" }[state];
  const sim = state === "no-sim" ? {} : { iccid, imsi, number };
  return {
    port,
    type: "LTE",
    imei: `86123405678901${port}`,
    ...sim,
    reg,
    slot: 255,
    callstate: busy ? "Active" : "Idle",
    signal,
  };
}
