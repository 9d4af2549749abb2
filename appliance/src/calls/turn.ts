import type { Digit } from "@sitebox/drivers/line";
import type { DialogEvent, KeyPlan } from "../dialog/index.ts";

/** What one exchange allows: how the caller may answer and how long is waited. */
export interface TurnPlan {
  readonly listens: boolean;
  readonly keys: KeyPlan;
  /** From the end of what is said to "silence". */
  readonly idleMs: number;
  /** Longest time from a voice's onset to its words. */
  readonly maxTurnMs: number;
}

/**
 * Where an exchange stands. Every state but `notice` and `speaking` (which end with the sound) has a timer running,
 * so none can last for ever.
 */
export type TurnState =
  | { readonly phase: "notice"; readonly early: string }
  | { readonly phase: "speaking"; readonly replays: number }
  | { readonly phase: "listening"; readonly replays: number }
  | { readonly phase: "hearing"; readonly replays: number; readonly interrupted: boolean }
  | { readonly phase: "keying"; readonly digits: string }
  | { readonly phase: "over" };

export type TurnEvent =
  /** What may not be interrupted has been heard to its end. */
  | { readonly type: "notice-ended" }
  | { readonly type: "played" }
  | { readonly type: "speech-started" }
  | { readonly type: "heard"; readonly text: string; readonly confidence: number }
  | { readonly type: "key"; readonly digit: Digit }
  | { readonly type: "timeout" }
  | { readonly type: "lost" }
  | { readonly type: "left" };

export type TurnEffect =
  | { readonly type: "flush" }
  /** Starts the one timer anew. */
  | { readonly type: "arm"; readonly ms: number }
  | { readonly type: "disarm" }
  /** A noise stopped the assistant: it says its interruptible part again. */
  | { readonly type: "replay" }
  | { readonly type: "settle"; readonly event: DialogEvent };

export interface TurnStep {
  readonly next: TurnState;
  readonly effects: readonly TurnEffect[];
}

/** After a voice the words must come; this much later than the longest turn the watchdog takes over (reference: "bot goes silent"). */
const WATCHDOG_MS = 3_000;
/** A noise may stop the assistant this often in one exchange; after that it counts as a turn without words. */
const MAX_REPLAYS = 1;

const stay = (state: TurnState): TurnStep => ({ next: state, effects: [] });
const settle = (event: DialogEvent, ...before: TurnEffect[]): TurnStep => ({
  next: { phase: "over" },
  effects: [...before, { type: "disarm" }, { type: "settle", event }],
});

function keyed(digits: string, { keys }: TurnPlan): TurnStep {
  const ended = keys.mode === "single" || digits.endsWith("#") || digits.length === keys.length;
  // A lone "0" or "*" always asks for a person or for a repeat, also where a number is awaited: the pause decides.
  if (ended) return settle({ type: "keys", digits: digits.length > 1 ? digits.replace(/#$/, "") : digits });
  return { next: { phase: "keying", digits }, effects: [{ type: "arm", ms: keys.betweenMs }] };
}

function withFlush(step: TurnStep): TurnStep {
  return { next: step.next, effects: [{ type: "flush" }, ...step.effects] };
}

const hearing = (replays: number, interrupted: boolean, plan: TurnPlan): TurnStep => ({
  next: { phase: "hearing", replays, interrupted },
  effects: [{ type: "arm", ms: plan.maxTurnMs + WATCHDOG_MS }],
});

type In<Phase extends TurnState["phase"]> = Extract<TurnState, { phase: Phase }>;

function duringNotice(state: In<"notice">, event: TurnEvent, plan: TurnPlan): TurnStep {
  if (event.type === "key") return stay({ phase: "notice", early: state.early + event.digit });
  if (event.type !== "notice-ended") return stay(state);
  return state.early === "" ? stay({ phase: "speaking", replays: 0 }) : withFlush(keyed(state.early, plan));
}

function whileSpeaking(state: In<"speaking">, event: TurnEvent, plan: TurnPlan): TurnStep {
  if (event.type === "played")
    return { next: { phase: "listening", replays: state.replays }, effects: [{ type: "arm", ms: plan.idleMs }] };
  if (event.type === "key") return withFlush(keyed(event.digit, plan));
  if (!plan.listens) return stay(state);
  if (event.type === "speech-started") return withFlush(hearing(state.replays, true, plan));
  // Words without an onset were begun during the notice; a noise of that time is none of our business.
  if (event.type === "heard" && event.text !== "") return settle({ ...event }, { type: "flush" });
  if (event.type === "lost") return settle({ type: "listening-lost" }, { type: "flush" });
  return stay(state);
}

function whileListening(state: In<"listening">, event: TurnEvent, plan: TurnPlan): TurnStep {
  if (event.type === "key") return keyed(event.digit, plan);
  if (event.type === "timeout") return settle({ type: "silence" });
  if (!plan.listens) return stay(state);
  if (event.type === "speech-started") return hearing(state.replays, false, plan);
  if (event.type === "heard") return settle({ ...event });
  if (event.type === "lost") return settle({ type: "listening-lost" });
  return stay(state);
}

function whileHearing(state: In<"hearing">, event: TurnEvent, plan: TurnPlan): TurnStep {
  if (event.type === "key") return keyed(event.digit, plan);
  if (event.type === "timeout") return settle({ type: "heard", text: "", confidence: 0 });
  if (event.type === "lost") return settle({ type: "listening-lost" });
  if (event.type !== "heard") return stay(state);
  if (event.text === "" && state.interrupted && state.replays < MAX_REPLAYS)
    return { next: { phase: "speaking", replays: state.replays + 1 }, effects: [{ type: "disarm" }, { type: "replay" }] };
  return settle({ ...event });
}

function whileKeying(state: In<"keying">, event: TurnEvent, plan: TurnPlan): TurnStep {
  if (event.type === "key") return keyed(state.digits + event.digit, plan);
  if (event.type === "timeout") return settle({ type: "keys", digits: state.digits });
  return stay(state);
}

/** One exchange: the assistant speaks, the caller answers by voice or key. Pure; events that make no sense in a state are ignored. */
export function stepTurn(state: TurnState, event: TurnEvent, plan: TurnPlan): TurnStep {
  if (event.type === "left" && state.phase !== "over") return settle({ type: "caller-left" }, { type: "flush" });
  switch (state.phase) {
    case "notice":
      return duringNotice(state, event, plan);
    case "speaking":
      return whileSpeaking(state, event, plan);
    case "listening":
      return whileListening(state, event, plan);
    case "hearing":
      return whileHearing(state, event, plan);
    case "keying":
      return whileKeying(state, event, plan);
    case "over":
      return stay(state);
  }
}
