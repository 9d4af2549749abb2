import { LIFETIME_MS, T1_MS, T2_MS } from "../transactions/index.ts";

/**
 * A response that the user agent itself repeats, on TCP too, until the far end says that it came: a 2xx to an INVITE until the ACK
 * (RFC 3261 §13.3.1.4), a reliable provisional response until the PRACK (RFC 3262 §3).
 */
export type Repetition =
  | { readonly state: "waiting"; readonly intervalMs: number; readonly maxIntervalMs: number }
  | { readonly state: "acknowledged" }
  | { readonly state: "abandoned" };

export type RepetitionEvent =
  | { readonly type: "acknowledged" }
  /** The time to repeat has come. */
  | { readonly type: "repeat" }
  /** 64·T1 have passed. */
  | { readonly type: "expired" };

export type RepetitionEffect =
  | { readonly type: "send" }
  | { readonly type: "repeat-after"; readonly afterMs: number }
  | { readonly type: "expire-after"; readonly afterMs: number }
  /** Nothing came: the call is to be ended. */
  | { readonly type: "give-up" };

interface Step {
  readonly next: Repetition;
  readonly effects: readonly RepetitionEffect[];
}

/** The time between repetitions doubles; that of a 2xx up to T2, that of a provisional response without end. */
export const startRepetition = (response: "final" | "provisional"): Step => ({
  next: { state: "waiting", intervalMs: T1_MS, maxIntervalMs: response === "final" ? T2_MS : LIFETIME_MS },
  effects: [{ type: "send" }, { type: "repeat-after", afterMs: T1_MS }, { type: "expire-after", afterMs: LIFETIME_MS }],
});

/** Decides what an unacknowledged response does next. Events after the end are ignored. */
export function stepRepetition(repetition: Repetition, event: RepetitionEvent): Step {
  if (repetition.state !== "waiting") return { next: repetition, effects: [] };
  switch (event.type) {
    case "acknowledged":
      return { next: { state: "acknowledged" }, effects: [] };
    case "expired":
      return { next: { state: "abandoned" }, effects: [{ type: "give-up" }] };
    case "repeat": {
      const intervalMs = Math.min(repetition.intervalMs * 2, repetition.maxIntervalMs);
      return {
        next: { ...repetition, intervalMs },
        effects: [{ type: "send" }, { type: "repeat-after", afterMs: intervalMs }],
      };
    }
  }
}
