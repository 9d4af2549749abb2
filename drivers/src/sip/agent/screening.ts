import { type Header, headerOf, listOf, type SipRequest, tagOf } from "../parser/index.ts";
import type { Peer } from "../transports/index.ts";

/** What is answered here; the rest is 405 where the standards know it and 501 where they do not. */
export const ALLOWED = [
  "INVITE",
  "ACK",
  "CANCEL",
  "BYE",
  "OPTIONS",
  "REGISTER",
  "UPDATE",
  "INFO",
  "REFER",
  "PRACK",
  "SUBSCRIBE",
  "MESSAGE",
] as const;
const KNOWN = new Set(["NOTIFY", "PUBLISH"]);

export const ALLOW: Header = ["allow", ALLOWED.join(", ")];
export const ACCEPT: Header = ["accept", "application/sdp, text/plain"];

/** Extensions that are spoken here (RFC 3262, RFC 3891, RFC 4028, RFC 4488). */
const EXTENSIONS = ["100rel", "norefersub", "replaces", "timer"] as const;
export const SUPPORTED: Header = ["supported", EXTENSIONS.join(", ")];

/** What OPTIONS is answered with (RFC 3261 §11.2). */
export const CAPABILITIES: readonly Header[] = [
  ALLOW,
  ACCEPT,
  ["accept-encoding", "identity"],
  ["accept-language", "zh, en"],
  SUPPORTED,
];

export interface Refusal {
  readonly status: number;
  readonly headers: readonly Header[];
}

const refuse = (status: number, ...headers: Header[]): Refusal => ({ status, headers });

/** Why a request cannot be served whatever it wants, in the order of RFC 3261 §8.2; undefined when it can. */
export function screen(request: SipRequest, transport: Peer["transport"]): Refusal | undefined {
  const inDialog = tagOf(request.to) !== undefined;
  if (!ALLOWED.some((method) => method === request.method)) return refuse(KNOWN.has(request.method) ? 405 : 501, ALLOW);
  if (request.uri.scheme === "other") return refuse(416);
  // A secure address is only for whoever came by TLS to the last (RFC 3261 §26.2.2).
  if (request.uri.scheme === "sips" && transport !== "tls") return refuse(416);
  const required = request.method === "CANCEL" ? [] : listOf(request, "require");
  if (!required) return refuse(400);
  const unknown = required.filter((tag) => !EXTENSIONS.some((known) => known === tag.toLowerCase()));
  if (unknown.length > 0) return refuse(420, ["unsupported", unknown.join(", ")]);
  // Calls and texts may be passed on, and a loop between two boxes ends here; the rest is for us alone, whatever its hops (RFC 4475 §3.3.11).
  const passable = !inDialog && (request.method === "INVITE" || request.method === "MESSAGE");
  if (passable && Number(headerOf(request, "max-forwards") ?? "70") === 0) return refuse(483);
  return screenAccept(request) ?? screenBody(request);
}

/** An INVITE may say which bodies its sender can read; ours is SDP (RFC 3261 §20.1). */
function screenAccept(request: SipRequest): Refusal | undefined {
  const accepted = request.method === "INVITE" ? listOf(request, "accept") : undefined;
  if (!accepted || accepted.length === 0) return undefined;
  const ranges = accepted.map((range) => range.split(";")[0]?.trim().toLowerCase() ?? "");
  return ranges.some((range) => ["application/sdp", "application/*", "*/*"].includes(range)) ? undefined : refuse(406);
}

const BODY_TYPES: Readonly<Record<string, readonly string[]>> = {
  INVITE: ["application/sdp"],
  UPDATE: ["application/sdp"],
  PRACK: ["application/sdp"],
  INFO: ["application/dtmf-relay", "application/dtmf"],
  MESSAGE: ["text/plain"],
};

function screenBody(request: SipRequest): Refusal | undefined {
  const types = BODY_TYPES[request.method];
  if (!types || request.body.length === 0) return undefined;
  const optional = /;\s*handling\s*=\s*optional/i.test(headerOf(request, "content-disposition") ?? "");
  if (optional) return undefined;
  const type = headerOf(request, "content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  const encoding = headerOf(request, "content-encoding")?.toLowerCase() ?? "identity";
  if (!types.includes(type)) return refuse(415, ["accept", types.join(", ")]);
  return encoding === "identity" ? undefined : refuse(415, ["accept-encoding", "identity"]);
}
