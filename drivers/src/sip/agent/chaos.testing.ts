import {
  formatNameAddr,
  formatUri,
  headerOf,
  parseMessage,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  tagOf,
} from "../parser/index.ts";
import { sdp } from "../testing/index.ts";
import type { SeededRandom, VirtualNetwork } from "../testing/virtual-network/index.ts";
import type { Datagrams, Peer } from "../transports/index.ts";

const HOST = "127.0.0.1";
const STATUSES = [
  100, 180, 183, 183, 200, 200, 200, 202, 302, 401, 407, 408, 422, 481, 486, 487, 488, 491, 500, 503, 603,
] as const;
const METHODS = [
  "BYE",
  "INVITE",
  "INVITE",
  "UPDATE",
  "UPDATE",
  "INFO",
  "OPTIONS",
  "REFER",
  "PRACK",
  "SUBSCRIBE",
  "NOTIFY",
  "ACK",
] as const;
const DIRECTIONS = ["a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"] as const;
const INVITATIONS: readonly [readonly string[], ...(readonly string[])[]] = [
  [],
  ["Supported: 100rel, timer", "Session-Expires: 90;refresher=uac"],
  ["Require: 100rel", "Allow: INVITE, UPDATE, PRACK"],
  ["Supported: timer", "Session-Expires: 90;refresher=uas", "Allow: UPDATE"],
  ["Supported: timer", "Session-Expires: 30"],
  ["Replaces: nobody;to-tag=a;from-tag=b"],
];

/** What the peer knows of one dialog, in its own eyes. */
interface Known {
  readonly callId: string;
  readonly local: string;
  readonly remote: string;
}

/** A far end that says anything at any time, right and wrong, in any order. */
export class ChaosPeer {
  readonly #random: SeededRandom;
  readonly #socket: Datagrams;
  readonly #box: Peer;
  readonly #port: number;
  readonly #sent: Buffer[] = [];
  readonly #invites: string[][] = [];
  readonly #requests: SipRequest[] = [];
  readonly #responses: SipResponse[] = [];
  #count = 0;
  #silent = false;

  constructor(options: { random: SeededRandom; socket: Datagrams; port: number; box: Peer }) {
    this.#random = options.random;
    this.#socket = options.socket;
    this.#port = options.port;
    this.#box = options.box;
  }

  static async open(network: VirtualNetwork, random: SeededRandom, boxPort: number): Promise<ChaosPeer> {
    let receive: (bytes: Uint8Array) => void = () => {};
    const { transport, port } = await network.open({ host: HOST, port: 0 }, (bytes) => receive(bytes));
    const peer = new ChaosPeer({ random, socket: transport, port, box: { transport: "udp", host: HOST, port: boxPort } });
    receive = (bytes) => peer.#receive(bytes);
    return peer;
  }

  get port(): number {
    return this.#port;
  }

  /** From now on it is gone. */
  vanish() {
    this.#silent = true;
  }

  /** Does one thing. */
  act() {
    const random = this.#random;
    const turn = random.between(0, 9);
    if (turn === 0) this.#invite();
    else if (turn === 1) this.#cancel();
    else if (turn === 2) this.#again();
    else if (turn <= 5) this.#inDialog(random.pick(METHODS));
    else this.#answer();
  }

  #receive(bytes: Uint8Array) {
    const message = parseMessage(bytes);
    if (message.type === "malformed") throw new Error(`the box sent what is no SIP: ${Buffer.from(bytes)}`);
    if (message.type === "request") this.#requests.push(message);
    else this.#responses.push(message);
    // Mostly it behaves: else nothing would ever come about.
    if (this.#silent || this.#random.chance(30)) return;
    if (message.type === "request") this.#respond(message, this.#properStatus(message));
    else if (message.cseq.method === "INVITE") this.#acknowledge(message);
  }

  #properStatus({ method }: SipRequest): number {
    return method === "INVITE" ? this.#random.pick([180, 183, 200, 200, 486]) : 200;
  }

  #acknowledge(response: SipResponse) {
    const dialog = this.#dialogOf(response);
    const { number } = response.cseq;
    const rseq = headerOf(response, "rseq");
    if (response.status >= 200 && response.status < 300)
      this.#write("ACK", { ...dialog, cseq: number, body: this.#random.chance(50) ? sdp() : "" });
    else if (rseq !== undefined)
      this.#write("PRACK", {
        ...dialog,
        headers: [`RAck: ${rseq} ${number} INVITE`],
        body: this.#random.chance(30) ? sdp() : "",
      });
  }

  #dialogOf(message: SipMessage): Known {
    const [local, remote] = message.type === "response" ? [message.from, message.to] : [message.to, message.from];
    return { callId: message.callId, local: tagOf(local) ?? this.#tag(), remote: tagOf(remote) ?? "" };
  }

  #tag = () => this.#random.pick(["a", "b", "c"]);

  #invite() {
    const body = this.#random.chance(80) ? sdp([this.#random.pick(DIRECTIONS)]) : "";
    const callId = `call-${this.#invites.length}`;
    const headers = this.#random.pick(INVITATIONS);
    const sent = this.#write("INVITE", { callId, local: this.#tag(), remote: "", cseq: 1, headers, body });
    this.#invites.push(sent);
  }

  #cancel() {
    const [last] = this.#invites.slice(-1 - this.#random.between(0, 3));
    if (!last) return;
    const lines = last.map((line) => line.replace(/^INVITE /, "CANCEL ").replace(/^CSeq: 1 INVITE/, "CSeq: 1 CANCEL"));
    this.#send(Buffer.from(`${lines.filter((line) => !line.startsWith("Content-")).join("\r\n")}\r\n\r\n`));
  }

  /** Something that was sent before comes once more. */
  #again() {
    const bytes = this.#sent[this.#random.between(0, Math.max(0, this.#sent.length - 1))];
    if (bytes) this.#send(bytes);
  }

  #inDialog(method: string) {
    const messages = [...this.#responses, ...this.#requests];
    const message = messages[this.#random.between(0, Math.max(0, messages.length - 1))];
    if (!message) return;
    const random = this.#random;
    const headers = {
      REFER: ["Refer-To: <sip:8002@box>"],
      SUBSCRIBE: ["Event: refer", `Expires: ${random.pick([0, 60])}`],
      PRACK: [`RAck: ${random.between(1, 5)} 1 INVITE`],
      INVITE: ["Supported: timer", "Session-Expires: 90;refresher=uac"],
      UPDATE: ["Supported: timer", "Session-Expires: 90;refresher=uac"],
    }[method];
    const offers = method === "INVITE" || method === "UPDATE" || method === "ACK";
    const body = offers && random.chance(60) ? sdp([random.pick(DIRECTIONS)]) : "";
    this.#write(method, { ...this.#dialogOf(message), body, ...(headers && { headers }) });
  }

  #answer() {
    const request = this.#requests[this.#random.between(0, Math.max(0, this.#requests.length - 1))];
    if (request) this.#respond(request, this.#random.pick(STATUSES));
  }

  #respond(request: SipRequest, status: number) {
    if (request.method === "ACK") return;
    const random = this.#random;
    const body = random.chance(70) && request.method !== "BYE" ? sdp([random.pick(DIRECTIONS)]) : "";
    const reliable = status > 100 && status < 200 && random.chance(40);
    const [via] = request.vias;
    const lines = [
      `SIP/2.0 ${status} x`,
      `Via: SIP/2.0/UDP ${via?.host}:${via?.port};branch=${via?.params.get("branch")}`,
      `From: ${formatNameAddr(request.from)}`,
      `To: <${formatUri(request.to.uri)}>;tag=${tagOf(request.to) ?? this.#tag()}`,
      `Call-ID: ${request.callId}`,
      `CSeq: ${request.cseq.number} ${request.cseq.method}`,
      ...(random.chance(90) ? [`Contact: <sip:chaos@${HOST}:${this.#port}>`] : []),
      ...(reliable ? ["Require: 100rel", `RSeq: ${random.between(1, 3)}`] : []),
      ...(status === 422 ? ["Min-SE: 120"] : []),
      ...(random.chance(30) ? ["Allow: INVITE, UPDATE"] : []),
      ...(random.chance(30) ? [`Session-Expires: 90;refresher=${random.pick(["uac", "uas"])}`] : []),
    ];
    this.#send(Buffer.from(withBody(lines, body)));
  }

  #write(
    method: string,
    {
      callId,
      local,
      remote,
      cseq = ++this.#count + 1,
      headers = [],
      body = "",
    }: Known & {
      readonly cseq?: number;
      readonly headers?: readonly string[];
      readonly body?: string;
    },
  ): string[] {
    const lines = [
      `${method} sip:8000@${HOST}:${this.#box.port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${HOST}:${this.#port};branch=z9hG4bK${this.#count++}`,
      `From: <sip:chaos@phone>;tag=${local}`,
      `To: <sip:8000@box>${remote === "" ? "" : `;tag=${remote}`}`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} ${method}`,
      `Contact: <sip:chaos@${HOST}:${this.#port}>`,
      ...headers,
    ];
    this.#send(Buffer.from(withBody(lines, body)));
    return lines;
  }

  #send(bytes: Buffer) {
    if (this.#silent) return;
    this.#sent.push(bytes);
    void this.#socket.send(bytes, this.#box);
  }
}

const withBody = (lines: readonly string[], body: string) =>
  [...lines, ...(body === "" ? [] : ["Content-Type: application/sdp"]), `Content-Length: ${body.length}`, "", body].join("\r\n");
