import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import type { Clock } from "@sitebox/core/kernel";
import type { LineDeps } from "../../line/index.ts";
import { formatCredentials, parseCredentials } from "../../sip/parser/index.ts";
import { type DigestAlgorithm, digestResponse } from "../../sip/registrar/index.ts";
import { ManagementError } from "../management.ts";

/** An answer that takes longer is none. */
const TIMEOUT_MS = 10_000;
/** No answer of a gateway is longer than some 8 KB; one that does not end is not read to its end. */
const MAX_ANSWER_BYTES = 1_000_000;

export interface DeviceHttpDeps extends Pick<LineDeps, "onTraffic"> {
  readonly clock: Clock;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly user: string;
  readonly password: string;
}

export interface HttpQuestion {
  readonly method: "GET" | "POST";
  /** With its query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

interface HttpAnswer {
  readonly status: number;
  readonly challenge: string | undefined;
  readonly body: Buffer;
}

/** How the gateway wants it proven who asks (RFC 7616, RFC 7617). */
type Challenge =
  | { readonly scheme: "basic" }
  | {
      readonly scheme: "digest";
      readonly realm: string;
      readonly nonce: string;
      readonly algorithm: DigestAlgorithm;
      readonly spelt: string | undefined;
      readonly counted: boolean;
      readonly opaque: string | undefined;
    };

/**
 * Asks a device over HTTP, one connection a question: these servers close idle connections at will, and a question on one that is being closed
 * cannot be told from one that was carried out. Whatever goes wrong is a ManagementError.
 */
export class DeviceHttp {
  readonly #deps: DeviceHttpDeps;
  #challenge: Challenge | undefined;
  #count = 0;

  constructor(deps: DeviceHttpDeps) {
    this.#deps = deps;
  }

  /** The JSON that is answered. Rejects with ManagementError, or with the signal's reason when aborted. */
  async ask(question: HttpQuestion, signal: AbortSignal): Promise<unknown> {
    const answer = await this.#exchange(question, signal);
    if (answer.status !== 401) return jsonOf(answer);
    // The first time, or the nonce has grown old.
    const challenge = challengeOf(answer.challenge ?? "");
    if (!challenge) throw new ManagementError("it asks for a login in a way that is not known", { fault: "login-refused" });
    this.#challenge = challenge;
    this.#count = 0;
    const again = await this.#exchange(question, signal);
    if (again.status !== 401) return jsonOf(again);
    this.#challenge = undefined;
    throw new ManagementError("it refuses the user name or the password", { fault: "login-refused" });
  }

  async #exchange({ method, path, body }: HttpQuestion, signal: AbortSignal): Promise<HttpAnswer> {
    const { host, port, tls, clock } = this.#deps;
    const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const proof = this.#proof(method, path);
    const headers: Readonly<Record<string, string>> = {
      host: `${host}:${port}`,
      accept: "application/json",
      connection: "close",
      ...(content && { "content-type": "application/json", "content-length": `${content.length}` }),
      ...(proof !== undefined && { authorization: proof }),
    };
    const silent = new AbortController();
    using _timer = clock.after(TIMEOUT_MS, () =>
      silent.abort(new ManagementError(`no answer for ${TIMEOUT_MS / 1_000} s`, { fault: "not-answering" })),
    );
    const stop = AbortSignal.any([signal, silent.signal]);
    stop.throwIfAborted();
    try {
      const options = { host, port, method, path, headers, agent: false, signal: stop };
      // Their certificates are of their own making and name nobody: this keeps out who listens, not who stands in between.
      const asking = tls ? tlsRequest({ ...options, rejectUnauthorized: false }) : plainRequest(options);
      asking.on("error", () => {});
      this.#trace("out", `${method} ${path} HTTP/1.1`, Object.entries(headers), content);
      asking.end(content);
      const [response]: IncomingMessage[] = await once(asking, "response");
      if (!response) throw new Error("no response");
      const whole = await bodyOf(response);
      const { statusCode: status = 0, statusMessage = "", headersDistinct } = response;
      const lines = Object.entries(headersDistinct).flatMap(([name, values]) =>
        (values ?? []).map((value) => [name, value] as const),
      );
      this.#trace("in", `HTTP/${response.httpVersion} ${status} ${statusMessage}`, lines, whole);
      return { status, challenge: response.headers["www-authenticate"], body: whole };
    } catch (err) {
      if (stop.aborted) throw stop.reason;
      if (err instanceof ManagementError) throw err;
      throw new ManagementError(err instanceof Error ? err.message : "no connection", { fault: "unreachable", cause: err });
    }
  }

  #proof(method: string, path: string): string | undefined {
    const { user, password } = this.#deps;
    const challenge = this.#challenge;
    if (!challenge) return undefined;
    if (challenge.scheme === "basic") return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    const { realm, nonce, algorithm, spelt, counted, opaque } = challenge;
    this.#count += 1;
    const count = this.#count.toString(16).padStart(8, "0");
    const cnonce = randomBytes(8).toString("hex");
    const qop = counted ? { qop: { count, cnonce } } : {};
    const response = digestResponse({ algorithm, username: user, realm, password, method, uri: path, nonce, ...qop });
    const params = new Map([
      ["username", user],
      ["realm", realm],
      ["nonce", nonce],
      ["uri", path],
      ["response", response],
    ]);
    if (spelt !== undefined) params.set("algorithm", spelt);
    if (opaque !== undefined) params.set("opaque", opaque);
    if (counted) params.set("qop", "auth").set("nc", count).set("cnonce", cnonce);
    return formatCredentials({ scheme: "Digest", params });
  }

  /** Tells what passed, without what proves who we are. */
  #trace(
    direction: "in" | "out",
    first: string,
    headers: readonly (readonly [string, string])[],
    body: Uint8Array | undefined,
  ): void {
    const { onTraffic } = this.#deps;
    if (!onTraffic) return;
    const shown = headers.map(([name, value]) => `${name}: ${name === "authorization" ? "***" : value}`);
    const head = Buffer.from(`${[first, ...shown].join("\r\n")}\r\n\r\n`);
    onTraffic({ port: "http", direction, bytes: body ? Buffer.concat([head, body]) : head });
  }
}

async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      if (!Buffer.isBuffer(chunk)) continue;
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) throw new ManagementError("its answer is too long", { fault: "failed" });
      chunks.push(chunk);
    }
  } catch (err) {
    throw err instanceof ManagementError ? err : new ManagementError("its answer was cut off", { fault: "failed", cause: err });
  }
  return Buffer.concat(chunks);
}

function jsonOf({ status, body }: HttpAnswer): unknown {
  if (status === 404)
    throw new ManagementError("it has no such interface: it is switched off, or the firmware is too old", {
      fault: "bad-firmware",
    });
  if (status === 403) throw new ManagementError("it refuses this user the interface", { fault: "login-refused" });
  if (status !== 200 && status !== 202) throw new ManagementError(`it answers with HTTP ${status}`, { fault: "failed" });
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new ManagementError("its answer is no JSON", { fault: "failed", cause });
  }
}

function challengeOf(text: string): Challenge | undefined {
  const read = parseCredentials(text);
  if (!read) return undefined;
  if (read.scheme.toLowerCase() === "basic") return { scheme: "basic" };
  const [realm, nonce] = [read.params.get("realm"), read.params.get("nonce")];
  const spelt = read.params.get("algorithm");
  const algorithm = (["MD5", "SHA-256"] as const).find((known) => known === (spelt ?? "MD5").toUpperCase());
  if (read.scheme.toLowerCase() !== "digest" || realm === undefined || nonce === undefined || !algorithm) return undefined;
  return { scheme: "digest", realm, nonce, algorithm, spelt, counted: read.params.has("qop"), opaque: read.params.get("opaque") };
}
