import type { SipConfig } from "@sitebox/core/contract";
import type { Guard } from "../guard/index.ts";
import { type Header, headerOf, type SipRequest, userOf } from "../parser/index.ts";
import type { Authenticator } from "../registrar/index.ts";
import { isPrivate, type Peer } from "../transports/index.ts";

export type Admission =
  /** `caller` is the number to show: proven, or merely stated where no proof is asked. */
  | { readonly type: "admitted"; readonly caller: string; readonly proven: boolean }
  | { readonly type: "refused"; readonly status: number; readonly headers: readonly Header[] }
  | { readonly type: "ignored" };

/** The number that a request states for its sender; empty where it is withheld. */
function statedCaller(request: SipRequest): string {
  const { uri } = request.from;
  const user = userOf(uri);
  const host = uri.scheme === "other" ? "" : uri.host.toLowerCase();
  return host === "anonymous.invalid" || user.toLowerCase() === "anonymous" ? "" : user;
}

/** What callers without a password may dial. */
export const isForStrangers = (
  number: string,
  { config, authenticator }: { config: SipConfig; authenticator: Pick<Authenticator, "isAccount"> },
): boolean => config.serviceNumbers?.includes(number) ?? !authenticator.isAccount(number);

/**
 * Who may call: whoever proves to be an extension may dial anything; others only the service numbers, where that is allowed.
 * Nobody is believed to be an extension without its password.
 */
export function admit(
  request: SipRequest,
  peer: Peer,
  { config, authenticator, guard }: { config: SipConfig; authenticator: Authenticator; guard: Pick<Guard, "strange"> },
): Admission {
  const caller = statedCaller(request);
  const dialled = userOf(request.uri);
  const service = isForStrangers(dialled, { config, authenticator });
  const open = config.allowAnonymous ?? isPrivate(peer.host);
  // A call in place of another is never taken from a stranger, who might have seen its names (RFC 3891 §5).
  const proving = headerOf(request, "authorization") !== undefined || headerOf(request, "replaces") !== undefined;
  if (!proving && open && service && !authenticator.isAccount(caller)) return { type: "admitted", caller, proven: false };
  // No telephone of ours calls without saying who it is.
  if (!proving && !authenticator.isAccount(caller)) guard.strange(peer);
  const verdict = authenticator.check(request, peer);
  if (verdict.type !== "known") return verdict;
  return caller === verdict.number ? { type: "admitted", caller, proven: true } : { type: "refused", status: 403, headers: [] };
}
