import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { Channel } from "@sitebox/core/kernel";
import { formatUri, parseMessage, type SipMessage, type SipRequest, type SipResponse, tagOf } from "../parser/index.ts";

const HOST = "127.0.0.1";

export interface Sending {
  readonly callId?: string;
  readonly from?: string;
  readonly to?: string;
  readonly uri?: string;
  readonly cseq?: number;
  readonly branch?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

let branches = 0;

/** An SDP as a phone at `port` writes it. */
export const sdp = (lines: readonly string[] = [], port = 4_000, address = HOST): string =>
  ["v=0", `o=- 1 1 IN IP4 ${HOST}`, "s=-", `c=IN IP4 ${address}`, "t=0 0", `m=audio ${port} RTP/AVP 0 8 96`]
    .concat(["a=rtpmap:96 telephone-event/8000", ...lines])
    .map((line) => `${line}\r\n`)
    .join("");

export const SDP_HEADER = "Content-Type: application/sdp";

/** A phone that a test plays by hand: it says exactly what it is told, over UDP. */
export class WirePeer implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #received = new Channel<SipMessage>();
  #target: number;

  constructor(socket: Socket, target: number) {
    this.#socket = socket;
    this.#target = target;
    socket.on("message", (bytes, { port }) => {
      // Sound for whoever had our port before us.
      if (this.#target !== 0 && port !== this.#target) return;
      const message = parseMessage(bytes);
      if (message.type === "malformed") throw new Error(`the box sent what is no SIP: ${bytes}`);
      this.#received.push(message);
    });
  }

  /** @param target the UDP port of the endpoint under test; 0 until it is known. */
  static async open(target = 0): Promise<WirePeer> {
    const socket = createSocket("udp4");
    socket.bind(0, HOST);
    await once(socket, "listening");
    return new WirePeer(socket, target);
  }

  /** Talks to this port from now on: for an endpoint that has to know the phone's own port before it is opened. */
  aim(target: number): void {
    this.#target = target;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  get contact(): string {
    return `Contact: <sip:phone@${HOST}:${this.port}>`;
  }

  /** Sends bytes as they are. */
  async write(bytes: Uint8Array | string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.send(bytes, this.#target, HOST, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Sends a request, and gives the branch that it has. */
  async request(method: string, sending: Sending = {}): Promise<string> {
    const { callId = "call-1", from = "<sip:guest@phone.example>;tag=phone", to = "<sip:8000@box.example>" } = sending;
    const { uri = `sip:8000@${HOST}:${this.#target}`, cseq = 1, headers = [], body = "" } = sending;
    const branch = sending.branch ?? `z9hG4bKtest${branches++}`;
    const lines = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${HOST}:${this.port};branch=${branch}`,
      `From: ${from}`,
      `To: ${to}`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} ${method}`,
      ...headers,
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    await this.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
    return branch;
  }

  /** Sends an INVITE with an offer. */
  invite(sending: Sending = {}): Promise<string> {
    return this.request("INVITE", { body: sdp(), ...sending, headers: [this.contact, SDP_HEADER, ...(sending.headers ?? [])] });
  }

  /** Sends a request inside the dialog that `answer` opened. */
  inDialog(method: string, answer: SipResponse, sending: Sending = {}): Promise<string> {
    const to = `<sip:8000@box.example>;tag=${tagOf(answer.to)}`;
    const headers = sending.body === undefined || sending.headers ? (sending.headers ?? []) : [SDP_HEADER];
    return this.request(method, { to, ...sending, headers: [this.contact, ...headers] });
  }

  /** Answers a request of the box. */
  async respond(
    request: SipRequest,
    status: number,
    { body = "", headers = [] as readonly string[], tag = "phone" } = {},
  ): Promise<void> {
    const [via] = request.vias;
    const lines = [
      `SIP/2.0 ${status} x`,
      `Via: SIP/2.0/UDP ${via?.host}:${via?.port};branch=${via?.params.get("branch")};rport`,
      `From: <${formatUri(request.from.uri)}>;tag=${tagOf(request.from)}`,
      `To: <${formatUri(request.to.uri)}>;tag=${tagOf(request.to) ?? tag}`,
      `Call-ID: ${request.callId}`,
      `CSeq: ${request.cseq.number} ${request.cseq.method}`,
      this.contact,
      ...(body === "" ? [] : [SDP_HEADER]),
      ...headers,
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    await this.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
  }

  /** The next message from the box. */
  async next(): Promise<SipMessage> {
    for await (const message of this.#received) return message;
    throw new Error("the phone is closed");
  }

  /** The next message, which must be a response with this status; others before it are errors but for 100 and 180. */
  async response(status: number): Promise<SipResponse> {
    for (;;) {
      const message = await this.next();
      if (message.type === "response" && message.status === status) return message;
      const passing = message.type === "response" && message.status < 200;
      if (!passing) throw new Error(`instead of ${status}: ${message.type === "response" ? message.status : message.method}`);
    }
  }

  /** The next message, which must be a request of this method. */
  async requested(method: string): Promise<SipRequest> {
    const message = await this.next();
    if (message.type === "request" && message.method === method) return message;
    throw new Error(`instead of ${method}: ${message.type === "response" ? message.status : message.method}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, "close");
    this.#socket.close();
    this.#received.close();
    await closed;
  }
}
