import type { DialOutcome, HangupCause } from "./trunk.ts";

/** What a call that ended before its answer means to who dialled. A person who declines is busy to the caller. */
export function outcomeOf(cause: HangupCause): Exclude<DialOutcome, { type: "answered" }> {
  switch (cause) {
    case "busy":
    case "rejected":
      return { type: "busy" };
    case "no-answer":
    case "normal":
      return { type: "no-answer" };
    case "unreachable":
    case "failed":
      return { type: "unreachable", reason: cause };
  }
}
