import type { DialOutcome, Digit, HangupCause } from "../../line/index.ts";

/** A telephone at a card, which is an extension, and the one call that it has. */
export type Fxs =
  | { readonly state: "idle" }
  /** Off the hook, with a dial tone until the first digit. */
  | { readonly state: "collecting"; readonly digits: string }
  /** Has dialled. `sound`: the other end's own is heard already, in place of our ring-back tone. */
  | { readonly state: "calling"; readonly sound: boolean }
  | { readonly state: "ringing" }
  | { readonly state: "talking"; readonly held: boolean }
  /** Off the hook without a call; it hears that. */
  | { readonly state: "hanging" };

export type FxsEvent =
  | { readonly type: "off-hook" | "on-hook" | "flash" | "ringer-off" | "wake" | "dial" | "answer" | "progress" | "gone" }
  | { readonly type: "key"; readonly key: Digit }
  | { readonly type: "hangup"; readonly cause: HangupCause };

export type FxsEffect =
  | { readonly type: "tone"; readonly tone: "dial" | "busy" | "ring-back" | "congestion" | "none" }
  | { readonly type: "ring"; readonly on: boolean }
  /** In so many ms, in place of what was asked before; undefined: never. */
  | { readonly type: "wake"; readonly ms: number | undefined }
  | { readonly type: "offer"; readonly dialled: string }
  | { readonly type: "answered" | "send-number" }
  | { readonly type: "refused"; readonly outcome: Exclude<DialOutcome, { type: "answered" }> }
  | { readonly type: "ended"; readonly cause: HangupCause }
  | { readonly type: "key"; readonly key: Digit }
  | { readonly type: "request"; readonly request: "hold" | "resume" };

export const FXS_MS = {
  /** Without a first digit. */
  dialTone: 15_000,
  betweenDigits: 4_000,
} as const;

interface Step {
  readonly next: Fxs;
  readonly effects: readonly FxsEffect[];
}

const tone = (name: Extract<FxsEffect, { type: "tone" }>["tone"]): FxsEffect => ({ type: "tone", tone: name });
const wake = (ms: number | undefined): FxsEffect => ({ type: "wake", ms });
const stay = (next: Fxs, ...effects: FxsEffect[]): Step => ({ next, effects });
const IDLE: Fxs = { state: "idle" };

/** What a telephone hears of a call that has ended. */
const toneOf = (cause: HangupCause) => (cause === "unreachable" || cause === "failed" ? tone("congestion") : tone("busy"));

/** The whole life of an FXS port. Events that make no sense in a state are ignored. */
export function stepFxs(fxs: Fxs, event: FxsEvent): Step {
  if (event.type === "gone") return stay(IDLE);
  switch (fxs.state) {
    case "idle":
      if (event.type === "dial") return stay({ state: "ringing" }, { type: "ring", on: true });
      if (event.type !== "off-hook") return stay(fxs);
      return stay({ state: "collecting", digits: "" }, tone("dial"), wake(FXS_MS.dialTone));
    case "collecting":
      return collecting(fxs, event);
    case "calling":
      return calling(fxs, event);
    case "ringing":
      return ringing(fxs, event);
    case "talking":
      return talking(fxs, event);
    case "hanging":
      return event.type === "on-hook" ? stay(IDLE, tone("none")) : stay(fxs);
  }
}

function collecting(fxs: Extract<Fxs, { state: "collecting" }>, event: FxsEvent): Step {
  const offer = (dialled: string) =>
    stay({ state: "calling", sound: false }, wake(undefined), tone("ring-back"), { type: "offer", dialled });
  switch (event.type) {
    case "on-hook":
      return stay(IDLE, tone("none"), wake(undefined));
    case "wake":
      return fxs.digits === "" ? stay({ state: "hanging" }, tone("busy")) : offer(fxs.digits);
    case "key":
      // Codes may begin with the key that ends a number.
      if (event.key === "#" && fxs.digits !== "") return offer(fxs.digits);
      return stay(
        { state: "collecting", digits: fxs.digits + event.key },
        ...(fxs.digits === "" ? [tone("none")] : []),
        wake(FXS_MS.betweenDigits),
      );
    default:
      return stay(fxs);
  }
}

function calling(fxs: Extract<Fxs, { state: "calling" }>, event: FxsEvent): Step {
  switch (event.type) {
    case "on-hook":
      return stay(IDLE, tone("none"), { type: "ended", cause: "no-answer" });
    case "progress":
      return fxs.sound ? stay(fxs) : stay({ state: "calling", sound: true }, tone("none"));
    case "answer":
      return stay({ state: "talking", held: false }, ...(fxs.sound ? [] : [tone("none")]));
    case "hangup":
      return stay({ state: "hanging" }, toneOf(event.cause), { type: "ended", cause: event.cause });
    case "key":
      return stay(fxs, { type: "key", key: event.key });
    default:
      return stay(fxs);
  }
}

function ringing(fxs: Fxs, event: FxsEvent): Step {
  switch (event.type) {
    case "off-hook":
      return stay({ state: "talking", held: false }, { type: "ring", on: false }, { type: "answered" });
    case "ringer-off":
      return stay(fxs, { type: "send-number" });
    case "hangup":
      return stay(IDLE, { type: "ring", on: false }, { type: "refused", outcome: { type: "no-answer" } });
    default:
      return stay(fxs);
  }
}

function talking(fxs: Extract<Fxs, { state: "talking" }>, event: FxsEvent): Step {
  switch (event.type) {
    case "on-hook":
      return stay(IDLE, { type: "ended", cause: "normal" });
    case "hangup":
      return stay({ state: "hanging" }, toneOf(event.cause), { type: "ended", cause: event.cause });
    case "flash":
      return stay({ state: "talking", held: !fxs.held }, { type: "request", request: fxs.held ? "resume" : "hold" });
    case "key":
      return stay(fxs, { type: "key", key: event.key });
    default:
      return stay(fxs);
  }
}
