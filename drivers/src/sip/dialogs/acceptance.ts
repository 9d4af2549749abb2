import { LIFETIME_MS, T1_MS, T2_MS } from "../transactions/index.ts";

/** A 2xx to an INVITE waiting for its ACK: the user agent repeats it, on TCP too (RFC 3261 §13.3.1.4). */
export type Acceptance =
  | { readonly state: "waiting"; readonly intervalMs: number }
  | { readonly state: "acknowledged" }
  | { readonly state: "abandoned" };

export type AcceptanceEvent =
  | { readonly type: "acknowledged" }
  /** The time to repeat has come. */
  | { readonly type: "repeat" }
  /** 64·T1 have passed. */
  | { readonly type: "expired" };

export type AcceptanceEffect =
  | { readonly type: "send" }
  | { readonly type: "repeat-after"; readonly afterMs: number }
  | { readonly type: "expire-after"; readonly afterMs: number }
  /** No ACK came: the call is to be ended with a BYE. */
  | { readonly type: "give-up" };

interface Step {
  readonly next: Acceptance;
  readonly effects: readonly AcceptanceEffect[];
}

export const startAcceptance: Step = {
  next: { state: "waiting", intervalMs: T1_MS },
  effects: [{ type: "send" }, { type: "repeat-after", afterMs: T1_MS }, { type: "expire-after", afterMs: LIFETIME_MS }],
};

/** Decides what an unacknowledged 2xx does next. Events after the end are ignored. */
export function stepAcceptance(acceptance: Acceptance, event: AcceptanceEvent): Step {
  if (acceptance.state !== "waiting") return { next: acceptance, effects: [] };
  switch (event.type) {
    case "acknowledged":
      return { next: { state: "acknowledged" }, effects: [] };
    case "expired":
      return { next: { state: "abandoned" }, effects: [{ type: "give-up" }] };
    case "repeat": {
      const intervalMs = Math.min(acceptance.intervalMs * 2, T2_MS);
      return {
        next: { state: "waiting", intervalMs },
        effects: [{ type: "send" }, { type: "repeat-after", afterMs: intervalMs }],
      };
    }
  }
}
