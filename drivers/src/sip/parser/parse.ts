import { type CSeq, parseCSeq, parseNameAddr, parseVia, type Via } from "./fields.ts";
import type { Header, Malformed, SipMessage } from "./message.ts";
import { splitOutside, TOKEN } from "./params.ts";
import { parseUri } from "./uri.ts";

/** Limits of one message: what a SIP peer of a site can need, and far below what could hurt. */
export const MAX_MESSAGE_BYTES = 65_536;
export const MAX_VIAS = 64;
/** Folded lines count. */
const MAX_LINES = 1_024;

const COMPACT: Readonly<Record<string, string>> = {
  a: "accept-contact",
  b: "referred-by",
  c: "content-type",
  d: "request-disposition",
  e: "content-encoding",
  f: "from",
  i: "call-id",
  j: "reject-contact",
  k: "supported",
  l: "content-length",
  m: "contact",
  o: "event",
  r: "refer-to",
  s: "subject",
  t: "to",
  u: "allow-events",
  v: "via",
  x: "session-expires",
  y: "identity",
};

/** These have one value in a message; a second one leaves it open which is meant. */
const SINGLE = new Set([
  "from",
  "to",
  "call-id",
  "cseq",
  "max-forwards",
  "content-length",
  "content-type",
  "expires",
  "min-expires",
]);
/** What a message's own fields are made of, and what an answer repeats. */
const OWN = new Set(["via", "from", "to", "call-id", "cseq"]);
const CALL_ID = /^[A-Za-z0-9\-.!%*_+`'~()<>:\\"/[\]?{}]+(?:@[A-Za-z0-9\-.!%*_+`'~()<>:\\"/[\]?{}]+)?$/;

interface Head {
  readonly startLine: string;
  readonly headers: readonly Header[];
  /** The first thing that is wrong with the lines; the rest is still read, so that the sender can be answered. */
  readonly fault?: string;
}

/** Lines of the head with folded lines joined (RFC 3261 §7.3.1). */
function readHead(text: string): Head {
  const [startLine = "", ...lines] = text.split("\r\n");
  const headers: Header[] = [];
  let fault: string | undefined = /[\r\n]/.test(text.replaceAll("\r\n", "")) ? "a line does not end in CRLF" : undefined;
  if (lines.length > MAX_LINES) fault ??= "too many lines";
  for (const line of lines.slice(0, MAX_LINES)) {
    const last = headers.at(-1);
    if (/^[ \t]/.test(line)) {
      if (last) headers[headers.length - 1] = [last[0], `${last[1]} ${line.trim()}`.trim()];
      else fault ??= "the first header is folded";
      continue;
    }
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).trimEnd().toLowerCase();
    if (!TOKEN.test(name)) fault ??= "a header has no name";
    else headers.push([COMPACT[name] ?? name, line.slice(colon + 1).trim()]);
  }
  const seen = new Set<string>();
  for (const [name] of headers) {
    if (SINGLE.has(name) && seen.has(name)) fault ??= `more than one ${name}`;
    seen.add(name);
  }
  return { startLine, headers, ...(fault !== undefined && { fault }) };
}

/** Where the body begins: behind the first empty line; -1 when there is none yet. */
export const bodyStart = (bytes: Uint8Array): number => {
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf("\r\n\r\n");
  return end < 0 ? -1 : end + 4;
};

/** The Content-Length of a head: undefined when absent, NaN when it is no number of bytes. */
export function contentLength(headers: readonly Header[]): number | undefined {
  const text = headers.find(([name]) => name === "content-length")?.[1];
  if (text === undefined) return undefined;
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

/** Reads only the headers of a whole head, for framing. */
export const headersOf = (head: Uint8Array): readonly Header[] => readHead(Buffer.from(head).toString("utf8").trimEnd()).headers;

type StartLine =
  | { readonly type: "request"; readonly method: string; readonly uri: string; readonly version: string }
  | { readonly type: "response"; readonly status: number; readonly reason: string; readonly version: string };

function readStartLine(line: string): StartLine | undefined {
  const [, statusVersion, status, reason = ""] = /^(SIP\/\S+) ([0-9]{3})(?: (.*))?$/i.exec(line) ?? [];
  if (statusVersion !== undefined) return { type: "response", status: Number(status), reason, version: statusVersion };
  const [, method, uri, version] = /^(\S+) (.+) (\S+)$/.exec(line) ?? [];
  if (method === undefined || uri === undefined || version === undefined || !TOKEN.test(method)) return undefined;
  return { type: "request", method, uri, version };
}

/**
 * Reads one message: a datagram, or what the framer cut from a stream. Never throws.
 * @param bytes anything at all; leading empty lines are passed over (RFC 3261 §7.5).
 */
export function parseMessage(bytes: Uint8Array): SipMessage | Malformed {
  if (bytes.length > MAX_MESSAGE_BYTES) return { type: "malformed", status: 513, reason: "longer than 64 KB" };
  let start = 0;
  while (bytes[start] === 13 && bytes[start + 1] === 10) start += 2;
  const message = bytes.subarray(start);
  const body = bodyStart(message);
  const text = Buffer.from(message.subarray(0, body < 0 ? message.length : body - 4)).toString("utf8");
  const head = readHead(body < 0 ? text.trimEnd() : text);
  const first = readStartLine(head.startLine);
  if (!first) return refuse(400, "no start line of SIP", head, requestLike(head.startLine));
  if (first.version.toUpperCase() !== "SIP/2.0") return refuse(505, "another version of SIP", head, first);
  if (body < 0) return refuse(400, "the head does not end", head, first);
  return readMessage(head, first, message.subarray(body));
}

/** The method of a request line that is wrong but was clearly meant as one, so that its sender can be told. */
function requestLike(line: string): { readonly type: "request"; readonly method: string } | undefined {
  const [, method] = /^(\S+)\s.*\sSIP\/\S+\s*$/i.exec(line) ?? [];
  return method !== undefined && TOKEN.test(method) ? { type: "request", method } : undefined;
}

type Beginning = { readonly type: "response" } | { readonly type: "request"; readonly method: string };

function refuse(status: Malformed["status"], reason: string, head: Head, first?: Beginning): Malformed {
  const echo = head.headers.filter(([name]) => OWN.has(name));
  // Whatever version the sender speaks, this says where the answer goes.
  const top = splitOutside(echo.find(([name]) => name === "via")?.[1] ?? "", ",")?.[0] ?? "";
  const written = top.replace(/^SIP\s*\/[^/]*\//i, "SIP/2.0/");
  const via = parseVia(written) ?? parseVia(written.split(";")[0] ?? "");
  const method = first?.type === "request" ? first.method : undefined;
  const answerable = method !== undefined && via !== undefined && echo.some(([name]) => name === "cseq");
  return { type: "malformed", status, reason, ...(answerable && { request: { method, via, echo } }) };
}

function readVias(headers: readonly Header[]): readonly Via[] | undefined {
  const vias: Via[] = [];
  for (const [name, text] of headers) {
    if (name !== "via") continue;
    for (const part of splitOutside(text, ",") ?? [""]) {
      const via = parseVia(part);
      if (!via) return undefined;
      vias.push(via);
    }
  }
  return vias;
}

function readMessage(head: Head, first: StartLine, rest: Uint8Array): SipMessage | Malformed {
  const wrong = (reason: string) => refuse(400, reason, head, first);
  if (head.fault !== undefined) return wrong(head.fault);
  const value = (name: string) => head.headers.find(([found]) => found === name)?.[1] ?? "";
  const vias = readVias(head.headers);
  const from = parseNameAddr(value("from"));
  const to = parseNameAddr(value("to"));
  const callId = value("call-id");
  const cseq = parseCSeq(value("cseq"));
  const length = contentLength(head.headers) ?? rest.length;
  if (!vias || vias.length === 0) return wrong("no readable Via");
  if (vias.length > MAX_VIAS) return wrong("more than 64 Vias");
  if (!from) return wrong("no readable From");
  if (!to) return wrong("no readable To");
  if (!CALL_ID.test(callId)) return wrong("no readable Call-ID");
  if (!cseq) return wrong("no readable CSeq");
  if (!(length <= rest.length)) return wrong("Content-Length is not the length of the body");
  if (!/^[0-9]*$/.test(value("max-forwards")) || Number(value("max-forwards")) > 255) return wrong("no readable Max-Forwards");
  const headers = head.headers.filter(([name]) => !OWN.has(name) && name !== "content-length");
  return withStart(first, cseq, { vias, from, to, callId, cseq, headers, body: rest.subarray(0, length) }) ?? wrong(START_FAULT);
}

const START_FAULT = "the start line does not fit";

/** Joins start line and fields; undefined when the Request-URI, the method in CSeq or the status is wrong. */
function withStart<F extends object>(first: StartLine, cseq: CSeq, fields: F) {
  if (first.type === "response") {
    const { status, reason } = first;
    return status >= 100 && status < 700 ? ({ type: "response", status, reason, ...fields } as const) : undefined;
  }
  const uri = parseUri(first.uri);
  // Headers in a URI are for links to press, not for a Request-URI (RFC 3261 §19.1.1).
  if (uri && uri.scheme !== "other" && uri.headers !== undefined) return undefined;
  return uri && cseq.method === first.method ? ({ type: "request", method: first.method, uri, ...fields } as const) : undefined;
}
