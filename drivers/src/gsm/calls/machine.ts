import type { HangupCause } from "../../line/index.ts";
import type {
  Answering,
  CallEffect,
  CallEvent,
  CallState,
  CallTimer,
  Dialling,
  Ending,
  Evidence,
  Ringing,
  Step,
  Up,
} from "./call-state.ts";
import { type EndHint, type ListedCall, parseEnd } from "./notices.ts";

/** How often +CLCC may leave out a call that it had listed before the call is over: one answer may be garbled. */
const MISSES = 2;
/** The same for a call that it has not listed yet: some modems list a call late. */
const MISSES_UNLISTED = 4;
/** How often a modem is asked to answer one call. */
const ANSWERS = 3;
/** +CLIP comes with the second ring where it does not come with the first; rings are 5 s apart. */
const NUMBER_WAIT_MS = 6_000;
const NUMBER_AFTER_RING_MS = 300;
/** Without +CLCC: silence after which it rings no longer. */
const RING_SILENCE_MS = 9_000;

const IDLE: CallState = { state: "idle" };
const ASK: CallEffect = { type: "ask" };
const ASK_SOON: CallEffect = { type: "ask", soon: true };
const stay = (next: CallState, ...effects: readonly CallEffect[]): Step => ({ next, effects });
const CLEAR_TIMERS: readonly CallEffect[] = [
  { type: "clear-timer", timer: "number" },
  { type: "clear-timer", timer: "silence" },
];

/** The life of a modem's one call. Events that make no sense in a state are ignored. */
export function step(call: CallState, event: CallEvent): Step {
  switch (event.type) {
    case "ring":
      return ring(call);
    case "caller":
      return caller(call, event.number);
    case "waiting":
      return stay(call, ASK);
    case "finished":
      return finished(call, event.hint);
    case "listed":
      return listed(call, event.calls);
    case "unlisted":
      return unlisted(call);
    case "timer":
      return timer(call, event.timer);
    case "dial":
      return call.state === "idle"
        ? stay({ state: "dialling", taken: false, alerted: false, misses: 0 }, { type: "dial" })
        : stay(call);
    case "dialled":
      return call.state === "dialling" ? stay({ ...call, taken: true }, ASK) : stay(call);
    case "not-dialled":
      return notDialled(call, event.final);
    case "answer":
      return call.state === "ringing" && call.told ? answering(call) : stay(call);
    case "answered":
      return call.state === "answering" ? up(call, "in") : stay(call);
    case "not-answered":
      return call.state === "answering" ? stay({ ...call, running: false }, ASK) : stay(call);
    case "hang-up":
      return hangUp(call, event.cause);
    case "hung-up":
      return call.state === "ending" ? stay({ ...call, done: true, misses: 0 }, ASK) : stay(call);
    case "over":
      return stay(IDLE, ...endOf(call, { cause: event.cause }), ...CLEAR_TIMERS);
  }
}

function ring(call: CallState): Step {
  const silence: CallEffect = { type: "set-timer", timer: "silence", ms: RING_SILENCE_MS };
  if (call.state === "idle") {
    const wait: CallEffect = { type: "set-timer", timer: "number", ms: NUMBER_WAIT_MS };
    return stay({ state: "ringing", rings: 1, due: false, told: false, misses: 0 }, ASK, silence, wait);
  }
  if (call.state !== "ringing") return stay(call, ASK);
  const rings = call.rings + 1;
  const known = call.told || call.number !== undefined;
  const wait: readonly CallEffect[] = known ? [] : [{ type: "set-timer", timer: "number", ms: NUMBER_AFTER_RING_MS }];
  return stay({ ...call, rings }, ASK, silence, ...wait);
}

function caller(call: CallState, number: string): Step {
  const { next, effects } = call.state === "idle" ? ring(call) : stay(call);
  if (next.state !== "ringing" || next.told) return stay(next, ...effects, ASK);
  return stay({ ...next, number: next.number ?? number }, ...effects, ASK);
}

function finished(call: CallState, hint: EndHint): Step {
  if (call.state === "idle") return stay(call, ASK);
  // Several lines tell of one end; what says more counts.
  const better = call.hint === undefined || (call.hint.cause === undefined && (hint.cause !== undefined || hint.word === "busy"));
  return stay({ ...call, ...(better && { hint }) }, ASK);
}

function timer(call: CallState, which: CallTimer): Step {
  if (call.state !== "ringing") return stay(call);
  if (which === "number") return announced({ ...call, due: true });
  // +CLCC knows better where it lists the call.
  return call.id === undefined ? gone(call, { cause: "no-answer" }) : stay(call);
}

function notDialled(call: CallState, final: string): Step {
  if (call.state !== "dialling") return stay(call);
  const hint = call.hint ?? parseEnd(final) ?? { text: final };
  return stay({ state: "ending", misses: 0, done: true, rang: false }, ...endOf(call, { hint }), ASK);
}

function answering(call: Ringing): Step {
  const { told: _, due: _due, rings: _rings, ...rest } = call;
  return stay({ ...rest, state: "answering", tries: 1, running: true }, ...CLEAR_TIMERS, { type: "answer" });
}

function up(call: Evidence, direction: ListedCall["direction"]): Step {
  const { id } = call;
  return stay({ state: "up", direction, misses: 0, ...(id !== undefined && { id }) }, { type: "up" }, ASK);
}

function hangUp(call: CallState, cause: HangupCause): Step {
  if (call.state === "idle" || call.state === "ending") return stay(call);
  const { id } = call;
  const rang = call.state === "ringing" || call.state === "answering";
  const next: CallState = { state: "ending", done: false, rang, misses: 0, ...(id !== undefined && { id }) };
  return stay(next, { type: "hang-up" }, ...endOf(call, { cause }), ...CLEAR_TIMERS);
}

/** Tells of the end to whoever was told of the call. */
function endOf(call: CallState, why: { readonly cause?: HangupCause; readonly hint?: EndHint }): readonly CallEffect[] {
  if (call.state === "idle" || call.state === "ending" || (call.state === "ringing" && !call.told)) return [];
  return [{ type: "ended", alerted: call.state === "dialling" && call.alerted, ...why }];
}

/** The modem no longer has the call. */
function gone(call: Exclude<CallState, { state: "idle" }>, why: { readonly cause?: HangupCause } = {}): Step {
  const { hint } = call;
  const unanswered = call.state === "ringing" || call.state === "answering";
  const cause = why.cause ?? (unanswered ? "no-answer" : undefined);
  return stay(IDLE, ...endOf(call, { ...(cause && { cause }), ...(hint && { hint }) }), ...CLEAR_TIMERS);
}

/** Tells of the call that rings once its number is known or will not come, and it is listed or cannot be. */
function announced(call: Ringing, listable = true): Step {
  if (call.told || (call.number === undefined && !call.due) || (listable && call.id === undefined)) return stay(call);
  return stay({ ...call, told: true }, { type: "clear-timer", timer: "number" }, { type: "announce", number: call.number ?? "" });
}

function unlisted(call: CallState): Step {
  if (call.state === "idle") return stay(call);
  if (call.state === "ringing") return call.hint ? gone(call) : announced(call, false);
  if (call.state === "answering" && !call.running) return call.hint ? gone(call) : answeredAgain(call);
  const { hint, misses } = call;
  if (call.state === "ending") return call.done && misses >= MISSES ? stay(IDLE) : stay({ ...call, misses: misses + 1 });
  if (!hint || (call.state === "dialling" && !call.taken)) return stay(call);
  return gone(call);
}

function listed(call: CallState, calls: readonly ListedCall[]): Step {
  switch (call.state) {
    case "idle":
      return first(calls);
    case "ringing":
      return listedRinging(call, calls);
    case "answering":
      return listedAnswering(call, calls);
    case "dialling":
      return listedDialling(call, calls);
    case "up":
      return listedUp(call, calls);
    case "ending":
      return listedEnding(call, calls);
  }
}

const comesIn = ({ state }: ListedCall) => state === "incoming" || state === "waiting";
const isUp = ({ state }: ListedCall) => state === "active" || state === "held";

/** A modem that we had no call on lists some. */
function first(calls: readonly ListedCall[]): Step {
  const incoming = calls.find(comesIn);
  if (incoming) {
    const { next, effects } = ring(IDLE);
    if (next.state !== "ringing") return stay(next);
    const after = listedRinging(next, calls);
    // It has just been asked.
    return stay(after.next, ...effects.filter(({ type }) => type !== "ask"), ...after.effects);
  }
  // Left over from before a restart of ours, or taken by somebody's finger: nobody here talks on it.
  const [left] = calls;
  return left ? stay({ state: "ending", id: left.id, done: false, rang: false, misses: 0 }, { type: "hang-up" }) : stay(IDLE);
}

/** The list has not got the call: over, or asked again where that may be a mistake. */
function missed(call: Exclude<CallState, { state: "idle" }>): Step {
  const misses = call.misses + 1;
  const over = call.hint !== undefined || misses >= (call.id === undefined ? MISSES_UNLISTED : MISSES);
  return over ? gone(call) : stay({ ...call, misses }, ASK_SOON);
}

/** Whether there is a second call that wants in. */
function refusals(calls: readonly ListedCall[], mine: ListedCall): readonly CallEffect[] {
  return calls.some((one) => one.id !== mine.id && comesIn(one)) ? [{ type: "refuse-waiting" }] : [];
}

/** The call is listed: what was said about an end is kept for one more look, as the list may be behind. */
function present<T extends Evidence>(call: T, { id }: ListedCall): { readonly call: T; readonly again: readonly CallEffect[] } {
  const { hint, ...rest } = call;
  if (!hint) return { call: { ...call, id, misses: 0 }, again: [] };
  const seen = call.misses + 1;
  // Said of another call: this one goes on.
  if (seen > MISSES) return { call: { ...(rest as T), id, misses: 0 }, again: [] };
  return { call: { ...call, id, misses: seen }, again: [ASK_SOON] };
}

function listedRinging(call: Ringing, calls: readonly ListedCall[]): Step {
  const mine = calls.find((one) => one.direction === "in" && (call.id === undefined ? comesIn(one) : one.id === call.id));
  if (!mine) return missed(call);
  if (call.told && call.id !== undefined && mine.number !== undefined && call.number && mine.number !== call.number)
    return thenFirst(gone(call), calls);
  const { call: seen, again } = present(call, mine);
  const number = call.number ?? mine.number;
  const told = announced({ ...seen, ...(number !== undefined && { number }) });
  return stay(told.next, ...told.effects, ...refusals(calls, mine), ...again);
}

/** Another call has taken the place of ours. */
function thenFirst(over: Step, calls: readonly ListedCall[]): Step {
  const { next, effects } = first(calls);
  return stay(next, ...over.effects, ...effects);
}

function listedAnswering(call: Answering, calls: readonly ListedCall[]): Step {
  const mine = calls.find(
    (one) => one.direction === "in" && (call.id === undefined ? comesIn(one) || isUp(one) : one.id === call.id),
  );
  // While the modem answers, its list may be anything.
  if (call.running) return stay(call);
  if (!mine) return missed(call);
  const { call: seen, again } = present(call, mine);
  if (isUp(mine)) return up(seen, "in");
  const { next, effects } = answeredAgain(seen);
  return stay(next, ...effects, ...again);
}

/** The modem did not answer the call when it was told to. */
function answeredAgain(call: Answering): Step {
  return call.tries >= ANSWERS
    ? hangUp(call, "failed")
    : stay({ ...call, tries: call.tries + 1, running: true }, { type: "answer" });
}

function listedDialling(call: Dialling, calls: readonly ListedCall[]): Step {
  if (!call.taken) return stay(call);
  const mine = calls.find((one) => one.direction === "out" && (call.id === undefined || one.id === call.id));
  if (!mine) return missed(call);
  const { call: seen, again } = present(call, mine);
  const waiting = refusals(calls, mine);
  if (isUp(mine)) {
    const answered = up(seen, "out");
    return stay(answered.next, ...answered.effects, ...waiting);
  }
  const rings = mine.state === "alerting" && !call.alerted;
  return stay(
    { ...seen, alerted: call.alerted || rings },
    ...(rings ? [{ type: "alerting" } as const] : []),
    ...waiting,
    ...again,
  );
}

function listedUp(call: Up, calls: readonly ListedCall[]): Step {
  const mine = calls.find((one) => one.direction === call.direction && (call.id === undefined ? isUp(one) : one.id === call.id));
  if (!mine) return missed(call);
  // The same place in the list, but it rings: ours has ended without a word, and this is the next.
  if (!isUp(mine)) return thenFirst(gone(call), calls);
  const { call: seen, again } = present(call, mine);
  return stay(seen, ...refusals(calls, mine), ...again);
}

function listedEnding(call: Ending, calls: readonly ListedCall[]): Step {
  if (!call.done) return stay(call);
  if (calls.length === 0) return stay(IDLE);
  const mine = calls.find(({ id, state }) => id === call.id && (call.rang || (state !== "incoming" && state !== "waiting")));
  if (!mine && calls.some(comesIn)) return first(calls);
  if (call.misses < MISSES_UNLISTED) return stay({ ...call, misses: call.misses + 1 }, ASK_SOON);
  // It does not go by itself.
  return stay({ ...call, done: false, misses: 0 }, { type: "hang-up" });
}
