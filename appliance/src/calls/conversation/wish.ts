import type { FeatureCodes } from "@sitebox/core/contract";
import type { Party } from "../party/index.ts";
import type { Action, CallPlan, RingStep } from "../plan/index.ts";

/** What it comes to when a party of a conversation names a number. */
export type Wish = { readonly because: readonly string[] } & (
  | { readonly type: "ring"; readonly steps: readonly RingStep[] }
  | { readonly type: "park" }
  /** Needs nobody to be rung. */
  | { readonly type: "send"; readonly action: Action }
  | { readonly type: "nobody" }
);

/**
 * The same as if that party had dialled the number. Only people of the site may have others rung: a carrier that asks for a transfer
 * could call the world at the site's cost.
 */
export function wishOf(
  { plan, codes }: { readonly plan: CallPlan; readonly codes: FeatureCodes },
  party: Pick<Party, "kind" | "number">,
  target: string,
): Wish {
  if (party.kind === "outside" || party.kind === "visitor") return { type: "nobody", because: ["asked from outside"] };
  if (target === codes.park) return { type: "park", because: [] };
  const facts = { line: undefined, caller: party.number, dialled: target, channel: "phone" } as const;
  // Who works at the desk has logged in: no extension's rights are asked for.
  const { action, because } =
    party.kind === "agent" ? plan.follow({ type: "number", number: target }, facts) : plan.decide(facts);
  switch (action.type) {
    case "ring":
      return { type: "ring", steps: action.steps, because };
    case "assistant":
    case "message":
      return { type: "send", action, because };
    default:
      return { type: "nobody", because };
  }
}
