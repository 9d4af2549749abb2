import { type Header, headerOf, listOf, type SipMessage, type SipRequest, type SipResponse } from "../parser/index.ts";

/** How long a session lasts without a sign of life, and who gives it (RFC 4028). */
export interface SessionTimer {
  readonly seconds: number;
  readonly refresher: "us" | "them";
}

/** Nothing shorter is asked for or taken (RFC 4028 §5). */
const MIN_S = 90;

export interface TimerWishes {
  readonly seconds: number;
  /** The longest "too brief" that the far end told; no less is asked for. */
  readonly atLeast: number;
}

function secondsIn(message: SipMessage, name: string): number | undefined {
  const [, digits] = /^\s*([0-9]{1,9})\s*(?:;|$)/.exec(headerOf(message, name) ?? "") ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function refresherIn(message: SipMessage): "uac" | "uas" | undefined {
  const [, role] = /;\s*refresher\s*=\s*(uac|uas)\b/i.exec(headerOf(message, "session-expires") ?? "") ?? [];
  return role?.toLowerCase() === "uac" ? "uac" : role === undefined ? undefined : "uas";
}

export const supports = (message: SipMessage, extension: string): boolean =>
  [...(listOf(message, "supported") ?? []), ...(listOf(message, "require") ?? [])].some((tag) => tag.toLowerCase() === extension);

/** Whether the sender of an INVITE or UPDATE wants signs of life more often than we care to give them: 422. */
export const isTooBrief = (request: SipRequest): boolean =>
  supports(request, "timer") && (secondsIn(request, "session-expires") ?? MIN_S) < MIN_S;

/** What a 422 says. */
export const minimum: Header = ["min-se", String(MIN_S)];

/** What an INVITE or UPDATE of ours asks for (RFC 4028 §7.1); in mid-call the roles stay. */
export function asked({ seconds, atLeast }: TimerWishes, current?: SessionTimer): readonly Header[] {
  const role = current ? `;refresher=${current.refresher === "us" ? "uac" : "uas"}` : "";
  const expires: Header = ["session-expires", `${Math.max(seconds, atLeast)}${role}`];
  return atLeast > MIN_S ? [expires, ["min-se", String(atLeast)]] : [expires];
}

/** What our 2xx to an INVITE or UPDATE says, and what holds from then on (RFC 4028 §9). */
export function answered(
  request: SipRequest,
  wishes: TimerWishes,
  current?: SessionTimer,
): { readonly timer: SessionTimer; readonly headers: readonly Header[] } {
  const theirs = secondsIn(request, "session-expires");
  const least = secondsIn(request, "min-se") ?? 0;
  const seconds = theirs === undefined ? Math.max(wishes.seconds, least) : Math.min(theirs, Math.max(wishes.seconds, least));
  const able = supports(request, "timer");
  const role = refresherIn(request) ?? (current?.refresher === "them" ? "uac" : "uas");
  const refresher = able && role === "uac" ? "them" : "us";
  const expires: Header = ["session-expires", `${seconds};refresher=${refresher === "us" ? "uas" : "uac"}`];
  return { timer: { seconds, refresher }, headers: able ? [expires, ["require", "timer"]] : [expires] };
}

/**
 * What holds after a 2xx to an INVITE or UPDATE of ours (RFC 4028 §7.2). A far end that knows no timers is asked for signs of life by us:
 * how else would we notice that it vanished.
 */
export function agreed(response: SipResponse, wishes: TimerWishes): SessionTimer {
  const seconds = secondsIn(response, "session-expires");
  const refresher = seconds !== undefined && refresherIn(response) === "uas" ? "them" : "us";
  return { seconds: Math.max(seconds ?? Math.max(wishes.seconds, wishes.atLeast), 1), refresher };
}

/** What a 422 wants at least; undefined when it asks for nothing that we do not ask for already. */
export function wantedAtLeast(refusal: SipResponse, { seconds, atLeast }: TimerWishes): number | undefined {
  const least = secondsIn(refusal, "min-se");
  return least !== undefined && least > Math.max(seconds, atLeast) ? least : undefined;
}
