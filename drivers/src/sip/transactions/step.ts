/** What a machine does next: its new state and what is to be done in the world. */
export interface Step<State, Effect> {
  readonly next: State;
  readonly effects: readonly Effect[];
}

/** Timers of RFC 3261 table 4 and RFC 6026; "guard" bounds the states that the standards leave to the user. */
export type TimerName = "A" | "B" | "C" | "D" | "E" | "F" | "G" | "H" | "I" | "J" | "K" | "L" | "M" | "guard";

/** Round-trip estimate and its bounds (RFC 3261 §17.1.1.1, §17.1.2.2). */
export const T1_MS = 500;
export const T2_MS = 4_000;
export const T4_MS = 5_000;
/** How long a message may wander in the network, and so how long anything is retried: 32 s. */
export const LIFETIME_MS = 64 * T1_MS;

export type TransactionEffect =
  /** Send the request (clients) or the response that came with the event (servers), and keep it for `resend`. */
  | { readonly type: "send" }
  | { readonly type: "resend" }
  /** Send the ACK for the final response that refused our INVITE. */
  | { readonly type: "acknowledge" }
  /** Give the message that came to the user. */
  | { readonly type: "deliver" }
  /** Starts the timer anew. */
  | { readonly type: "start"; readonly timer: TimerName; readonly afterMs: number }
  | { readonly type: "stop"; readonly timer: TimerName }
  | { readonly type: "fail"; readonly fault: TransactionFault };

/** "timeout": nobody answered, or nobody acknowledged. "transport": it could not be sent. */
export type TransactionFault = "timeout" | "transport";

export type ClientEvent =
  | { readonly type: "response"; readonly status: number }
  | { readonly type: "timer"; readonly timer: TimerName }
  | { readonly type: "transport-failed" };

export type ServerEvent =
  /** The request came again. */
  | { readonly type: "request" }
  | { readonly type: "ack" }
  | { readonly type: "respond"; readonly status: number }
  | { readonly type: "timer"; readonly timer: TimerName }
  | { readonly type: "transport-failed" };

export const start = (timer: TimerName, afterMs: number) => ({ type: "start", timer, afterMs }) as const;
export const stop = (timer: TimerName) => ({ type: "stop", timer }) as const;

export function stay<State>(state: State): Step<State, never> {
  return { next: state, effects: [] };
}
