import { formatNameAddr, formatVia, tagOf, withParam } from "./fields.ts";
import type { Header, Malformed, SipMessage, SipRequest, SipResponse } from "./message.ts";
import { reasonOf } from "./reasons.ts";
import { formatUri } from "./uri.ts";

/** Names that capital letters at the hyphens would not give. */
const WRITTEN: Readonly<Record<string, string>> = {
  "call-id": "Call-ID",
  cseq: "CSeq",
  "mime-version": "MIME-Version",
  "min-se": "Min-SE",
  rack: "RAck",
  rseq: "RSeq",
  "www-authenticate": "WWW-Authenticate",
};

const written = (name: string) => WRITTEN[name] ?? name.replace(/(^|-)[a-z]/g, (initial) => initial.toUpperCase());
const line = ([name, value]: Header) => `${written(name)}: ${value}\r\n`;

/** The bytes of a message; Content-Length is always stated, so that any transport can carry it. */
export function serialize(message: SipMessage): Buffer {
  const start =
    message.type === "request"
      ? `${message.method} ${formatUri(message.uri)} SIP/2.0\r\n`
      : `SIP/2.0 ${message.status} ${message.reason}\r\n`;
  const own: readonly Header[] = [
    ...message.vias.map((via): Header => ["via", formatVia(via)]),
    ["from", formatNameAddr(message.from)],
    ["to", formatNameAddr(message.to)],
    ["call-id", message.callId],
    ["cseq", `${message.cseq.number} ${message.cseq.method}`],
  ];
  const head = `${start}${own.map(line).join("")}${message.headers.map(line).join("")}Content-Length: ${message.body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), message.body]);
}

export interface ResponseOptions {
  /** Put on the To where it has none (RFC 3261 §8.2.6.2). */
  readonly toTag?: string;
  readonly headers?: readonly Header[];
  readonly body?: Uint8Array;
}

export const noBody = new Uint8Array();

/** The answer to `request` (RFC 3261 §8.2.6). */
export function responseTo(request: SipRequest, status: number, options: ResponseOptions = {}): SipResponse {
  const tagged = options.toTag !== undefined && tagOf(request.to) === undefined;
  return {
    type: "response",
    status,
    reason: reasonOf(status),
    vias: request.vias,
    from: request.from,
    to: tagged ? withParam(request.to, "tag", options.toTag) : request.to,
    callId: request.callId,
    cseq: request.cseq,
    headers: options.headers ?? [],
    body: options.body ?? noBody,
  };
}

/** The refusal of a request that could not be read: it repeats what it was sent, letter for letter. */
export function refusalOf(malformed: Malformed, toTag: string): Buffer | undefined {
  if (!malformed.request || malformed.request.method === "ACK") return undefined;
  const echo = malformed.request.echo.map(([name, raw]): Header => {
    // A lone CR or LF in what is repeated would begin a line of its own for lenient readers.
    const value = raw.replaceAll(/[\r\n]/g, " ");
    return name === "to" && !/;\s*tag\s*=/i.test(value) && value !== "" ? [name, `${value};tag=${toTag}`] : [name, value];
  });
  const start = `SIP/2.0 ${malformed.status} ${reasonOf(malformed.status)}\r\n`;
  return Buffer.from(`${start}${echo.map(line).join("")}Content-Length: 0\r\n\r\n`);
}
