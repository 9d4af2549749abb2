import { randomBytes } from "node:crypto";
import { formatHostPort, formatUri, formatVia, type SipRequest, type SipResponse, tagOf } from "../parser/index.ts";

/** Marks branches that are unique in the world (RFC 3261 §8.1.1.7). */
const MAGIC_COOKIE = "z9hG4bK";

export const newBranch = (): string => `${MAGIC_COOKIE}${randomBytes(12).toString("hex")}`;
export const newTag = (): string => randomBytes(8).toString("hex");
export const newCallId = (): string => randomBytes(16).toString("hex");

/** What a request's transaction is found by at the server (RFC 3261 §17.2.3); an ACK belongs to its INVITE. */
export function serverKey(request: SipRequest, method = request.method): string {
  const [via] = request.vias;
  const meant = method === "ACK" ? "INVITE" : method;
  const branch = via?.params.get("branch");
  if (via && branch?.startsWith(MAGIC_COOKIE) && branch.length > MAGIC_COOKIE.length)
    return `${branch}|${formatHostPort(via).toLowerCase()}|${meant}`;
  // A peer of RFC 2543: its Via and the rest together tell its requests apart.
  const top = via ? formatVia({ ...via, params: new Map() }) : "";
  return [formatUri(request.uri), tagOf(request.from), request.callId, request.cseq.number, top, branch, meant].join("|");
}

/** What a response's transaction is found by at the client (RFC 3261 §17.1.3). */
export const clientKey = (message: SipRequest | SipResponse): string =>
  `${message.vias[0]?.params.get("branch") ?? ""}|${message.cseq.method}`;

/** The same request by two ways has this in common (RFC 3261 §8.2.2.2). */
export const mergeKey = (request: SipRequest): string =>
  [request.callId, tagOf(request.from), request.cseq.number, request.method].join("|");
