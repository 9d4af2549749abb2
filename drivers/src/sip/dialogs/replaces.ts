import { headerOf, listOf, parseParams, type SipRequest, type SipUri } from "../parser/index.ts";
import { dialogKeyNamed } from "./dialog.ts";

/** A dialog that a Replaces header names (RFC 3891 §6.1), as the end that receives it sees the tags. */
export interface Replaced {
  readonly key: string;
  /** The same with the tags changed round, as some telephones write it. */
  readonly reversedKey: string;
  /** Only while it is not answered. */
  readonly earlyOnly: boolean;
}

/** Reads the value of a Replaces header; undefined when it is none. */
export function parseReplaces(text: string): Replaced | undefined {
  const semicolon = text.indexOf(";");
  const callId = text.slice(0, Math.max(semicolon, 0)).trim();
  const params = semicolon < 0 ? undefined : parseParams(text.slice(semicolon));
  const ours = params?.get("to-tag");
  const theirs = params?.get("from-tag");
  if (callId === "" || !params || ours === undefined || theirs === undefined) return undefined;
  return {
    key: dialogKeyNamed(callId, ours, theirs),
    reversedKey: dialogKeyNamed(callId, theirs, ours),
    earlyOnly: params.has("early-only"),
  };
}

/** What an INVITE wants to replace; "malformed" where it cannot be told (RFC 3891 §3: at most one). */
export function replacedBy(invite: SipRequest): Replaced | "malformed" | undefined {
  const text = headerOf(invite, "replaces");
  if (text === undefined) return undefined;
  const one = invite.headers.filter(([name]) => name === "replaces").length === 1 && listOf(invite, "replaces")?.length === 1;
  return (one ? parseReplaces(text) : undefined) ?? "malformed";
}

/** A header that a URI asks for, e.g. Replaces in a Refer-To; its name in lower case. */
export function headerIn(uri: SipUri, name: string): string | undefined {
  // A plus is a plus here, unlike in the query of HTTP.
  const headers = new URLSearchParams((uri.headers ?? "").replaceAll("+", "%2B"));
  return [...headers].find(([found]) => found.toLowerCase() === name)?.[1];
}
