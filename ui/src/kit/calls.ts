import type { Call } from "@sitebox/core/contract";

/** The locale's word for how a call stands or how it ended. A call that tries a line, or that the desk placed, has no guest who could have hung up. */
export function callWord({
  state,
  outcome = "failed",
  channel,
  answeredAt,
  testedLine,
}: Pick<Call, "state" | "outcome" | "channel" | "answeredAt" | "testedLine">): string {
  if (state !== "ended") return `call.state.${state}`;
  if (testedLine !== undefined) return `call.test.${answeredAt === undefined ? "unanswered" : "answered"}`;
  return channel === "desk" && outcome === "abandoned" ? "call.unanswered" : `call.outcome.${outcome}`;
}
