import type { CSeq, NameAddr, Via } from "./fields.ts";
import { splitOutside } from "./params.ts";
import type { Uri } from "./uri.ts";

/** A header that has no field of its own in a message. Names are whole and in lower case. */
export type Header = readonly [name: string, value: string];

/** What every message has (RFC 3261 §8.1.1), read; the rest stays text in `headers`, in its order. */
interface Fields {
  readonly vias: readonly Via[];
  readonly from: NameAddr;
  readonly to: NameAddr;
  readonly callId: string;
  readonly cseq: CSeq;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

export interface SipRequest extends Fields {
  readonly type: "request";
  readonly method: string;
  readonly uri: Uri;
}

export interface SipResponse extends Fields {
  readonly type: "response";
  readonly status: number;
  readonly reason: string;
}

export type SipMessage = SipRequest | SipResponse;

/** What came was no SIP message. */
export interface Malformed {
  readonly type: "malformed";
  /** The status a request like this is refused with. */
  readonly status: 400 | 505 | 513;
  readonly reason: string;
  /** Present when it was a request that can be answered: what the answer repeats, as it was written. */
  readonly request?: { readonly method: string; readonly via: Via; readonly echo: readonly Header[] };
}

/** The first header of that name; `name` in lower case and whole ("contact", not "m"). */
export const headerOf = (message: SipMessage, name: string): string | undefined =>
  message.headers.find(([found]) => found === name)?.[1];

/** All values of a header that is a comma-separated list, however it was spread over lines; undefined when quotes do not balance. */
export function listOf(message: SipMessage, name: string): readonly string[] | undefined {
  const values: string[] = [];
  for (const [found, text] of message.headers) {
    if (found !== name) continue;
    const parts = splitOutside(text, ",");
    if (!parts) return undefined;
    for (const part of parts) if (part.trim() !== "") values.push(part.trim());
  }
  return values;
}

/** The body as text, when it is of the media type, e.g. "application/sdp" (no Content-Type and a body means that too). */
export function bodyOf(message: SipMessage, type: string): string | undefined {
  const stated = headerOf(message, "content-type")?.split(";")[0]?.trim().toLowerCase();
  return message.body.length > 0 && stated === type ? Buffer.from(message.body).toString("utf8") : undefined;
}
