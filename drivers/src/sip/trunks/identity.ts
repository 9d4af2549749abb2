import type { SipTrunk } from "@sitebox/core/contract";
import {
  formatNameAddr,
  type Header,
  headerOf,
  listOf,
  type NameAddr,
  noParams,
  parseNameAddr,
  type SipRequest,
  sipUri,
  userOf,
} from "../parser/index.ts";

/** Who we say that calls (RFC 3323, RFC 3325). */
export interface Identity {
  /** From without its tag. */
  readonly from: NameAddr;
  readonly headers: readonly Header[];
}

const ANONYMOUS: NameAddr = {
  displayName: "Anonymous",
  uri: sipUri("anonymous.invalid", { user: "anonymous" }),
  params: noParams,
};

/**
 * What a call over the line shows: the caller's number where the line owns it, else its first; never another. An empty number asks to be
 * withheld: then only the carrier is told who pays.
 */
export function identityOf(
  trunk: SipTrunk,
  caller: { readonly number: string | undefined; readonly name?: string | undefined },
): Identity {
  const { numbers, user, host, kind } = trunk;
  const own = caller.number !== undefined && numbers.includes(caller.number) ? caller.number : (numbers[0] ?? user ?? "sitebox");
  const shown: NameAddr = { uri: sipUri(host, { user: own }), params: noParams };
  // A client proposes and its carrier asserts; between two that trust each other we assert ourselves.
  const asserted: Header = [kind === "register" ? "p-preferred-identity" : "p-asserted-identity", formatNameAddr(shown)];
  if (caller.number === "") return { from: ANONYMOUS, headers: [asserted, ["privacy", "id"]] };
  const named = caller.name !== undefined && own === caller.number;
  return { from: named ? { displayName: caller.name, ...shown } : shown, headers: [asserted] };
}

/** The number that a carrier states for its caller; empty where it is withheld. What it asserts counts more than what the caller says. */
export function callerOf(request: SipRequest): string {
  const asserted = (listOf(request, "p-asserted-identity") ?? []).flatMap((text) => parseNameAddr(text) ?? []);
  const [first] = asserted.map(({ uri }) => userOf(uri)).filter((user) => user !== "");
  const stated = userOf(request.from.uri);
  const { uri } = request.from;
  const hidden =
    stated.toLowerCase() === "anonymous" || (uri.scheme !== "other" && uri.host.toLowerCase() === "anonymous.invalid");
  const wished = (headerOf(request, "privacy") ?? "")
    .toLowerCase()
    .split(/[;,]/)
    .map((one) => one.trim());
  if (wished.some((one) => one === "id" || one === "user" || one === "full") || hidden) return "";
  return first ?? stated;
}
