/** As much of a SIP message as its place in a ladder needs. */
export interface MessageFacts {
  /** "INVITE", or "200 INVITE" for an answer. */
  readonly label: string;
  readonly method: string;
  readonly status?: number;
}

/** The head of a message is in front; its body is not looked at. */
const HEAD_BYTES = 8_192;
const REQUEST = /^([A-Z]{2,16}) \S+ SIP\/2\.0/;
const ANSWER = /^SIP\/2\.0 ([1-6]\d\d)/;
const CSEQ = /^cseq\s*:\s*\d+\s+([A-Z]+)/im;

/** Reads the start line and the CSeq (RFC 3261 §8.1.1.5). Something that is no SIP at all is labelled "?". */
export function readMessage(bytes: Uint8Array): MessageFacts {
  const text = Buffer.from(bytes.subarray(0, HEAD_BYTES)).toString("latin1");
  const request = REQUEST.exec(text)?.[1];
  if (request !== undefined) return { label: request, method: request };
  const answer = ANSWER.exec(text)?.[1];
  const method = CSEQ.exec(text)?.[1] ?? "?";
  if (answer === undefined) return { label: "?", method: "?" };
  return { label: `${answer} ${method}`, method, status: Number(answer) };
}
