import type { DialOutcome, HangupCause } from "../../line/index.ts";
import { type Header, headerOf, type SipRequest } from "../parser/index.ts";

/** How a call that was not answered is refused. */
export const REFUSALS: Readonly<Record<HangupCause, number>> = {
  normal: 480,
  busy: 486,
  "no-answer": 480,
  rejected: 603,
  unreachable: 404,
  failed: 500,
};

/** Causes of Q.850 as SIP carries them (RFC 3326). */
const Q850: Readonly<Record<HangupCause, number>> = {
  normal: 16,
  busy: 17,
  "no-answer": 19,
  rejected: 21,
  unreachable: 3,
  failed: 41,
};

export const reasonHeader = (cause: HangupCause): Header => ["reason", `Q.850;cause=${Q850[cause]}`];

/** Why the far end says it hung up; "normal" where it says nothing that is known. */
export function causeOf(request: SipRequest): HangupCause {
  const [, number] = /^\s*Q\.850\s*;(?:.*;)?\s*cause\s*=\s*([0-9]{1,3})/i.exec(headerOf(request, "reason") ?? "") ?? [];
  const known = Object.entries(Q850).find(([, value]) => value === Number(number));
  return (known?.[0] as HangupCause | undefined) ?? "normal";
}

/** What a final refusal means to who dialled (RFC 3261 §21). A person who declines is busy to the caller. */
export function outcomeOf(status: number, reason?: string): Exclude<DialOutcome, { type: "answered" }> {
  if (status === 486 || status === 600 || status === 603) return { type: "busy" };
  if (status === 408 || status === 480 || status === 487) return { type: "no-answer" };
  return { type: "unreachable", reason: `refused with ${status}${reason === undefined ? "" : ` ${reason}`}` };
}
