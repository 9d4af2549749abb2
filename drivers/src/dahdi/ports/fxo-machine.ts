import type { DialOutcome, HangupCause } from "../../line/index.ts";
import type { CallerNumber, LineSound } from "../signals/index.ts";

/** How it is known that a number has answered: the exchange told, somebody spoke after ring-back, or it can only be assumed. */
export type AnswerKnownBy = "told" | "heard" | "assumed";

/** An analogue line to an exchange, and the one call that it can carry. */
export type Fxo =
  /** `early`: the number of a caller whose ring has not come yet. */
  | { readonly state: "idle"; readonly early?: CallerNumber }
  | { readonly state: "ringing"; readonly offered: boolean }
  /** Rings on, although nobody here wants it. */
  | { readonly state: "ignoring" }
  /** Off the hook for a moment, so that the exchange ends the call. */
  | { readonly state: "refusing"; readonly cause: HangupCause }
  | { readonly state: "seizing"; readonly number: string }
  | { readonly state: "dialling" }
  | Proceeding
  /** The polarity has turned; a glitch would turn it back soon. */
  | { readonly state: "confirming"; readonly before: Proceeding }
  | { readonly state: "talking"; readonly sinceAt: number; readonly answer: AnswerKnownBy | "ours" }
  | { readonly state: "releasing" }
  | { readonly state: "alarmed" };

interface Proceeding {
  readonly state: "proceeding";
  readonly ringBack: boolean;
  readonly earlyMedia: boolean;
}

export type FxoEvent =
  | { readonly type: "ring-begin" | "ring-end" | "polarity" | "loop-open" | "dialled" | "answer" }
  /** `hearsTone`: a tone is being heard of which it is not known yet what it says. */
  | { readonly type: "wake"; readonly hearsTone: boolean }
  | { readonly type: "alarm" | "no-alarm" | "card-refused" | "gone" }
  | { readonly type: "sound"; readonly sound: LineSound }
  | { readonly type: "caller"; readonly caller: CallerNumber }
  | { readonly type: "dial"; readonly number: string }
  | { readonly type: "hangup"; readonly cause: HangupCause };

export type FxoEffect =
  | { readonly type: "hook"; readonly off: boolean }
  | { readonly type: "dial"; readonly digits: string }
  /** In so many ms, in place of what was asked before; undefined: never. */
  | { readonly type: "wake"; readonly ms: number | undefined }
  | { readonly type: "offer"; readonly caller: CallerNumber | undefined }
  | { readonly type: "ringing" | "early-media" | "no-dial-tone" }
  /** Once more with "told", where the first time it was only heard or assumed. */
  | { readonly type: "answered"; readonly by: AnswerKnownBy }
  /** Of a number that did not answer. */
  | { readonly type: "refused"; readonly outcome: Exclude<DialOutcome, { type: "answered" }> }
  /** Of a leg. */
  | { readonly type: "ended"; readonly cause: HangupCause };

export interface FxoSettings {
  readonly callerId: "auto" | "fsk" | "dtmf" | "off";
  readonly hangUp: "busy-tone" | "polarity" | "both";
  /** This exchange tells an answer by polarity, so nothing else is taken for one. */
  readonly answersByPolarity: boolean;
}

interface Step {
  readonly next: Fxo;
  readonly effects: readonly FxoEffect[];
}

export const FXO_MS = {
  /** A number that came before the ring is forgotten without one. */
  early: 10_000,
  /** Rings are 5 s apart; a longer silence is a caller who gave up. */
  lostRing: 6_000,
  /** Long enough for an exchange to take it for an answer, too short for it to tell the caller for good. */
  refusal: 250,
  dialTone: 3_000,
  /** From the end of a burst of ring-back to the next it is 4 s; that is known after half a second of it. */
  ringBackOver: 5_000,
  /** A tone is classified within two seconds of its beginning; meanwhile it is looked again. */
  listenOn: 500,
  /** After dialling, without ring-back. */
  assumed: 10_000,
  dialling: 30_000,
  glitch: 300,
  /** The exchange's own turn of polarity at our answer is no hang-up. */
  settling: 600,
  /** Until the exchange has seen that we hung up. */
  release: 1_000,
} as const;

const wake = (ms: number | undefined): FxoEffect => ({ type: "wake", ms });
const hook = (off: boolean): FxoEffect => ({ type: "hook", off });
const stay = (next: Fxo, ...effects: FxoEffect[]): Step => ({ next, effects });
const release = (...effects: FxoEffect[]): Step => ({
  next: { state: "releasing" },
  effects: [hook(false), ...effects, wake(FXO_MS.release)],
});
const refuse = (outcome: Exclude<DialOutcome, { type: "answered" }>) => release({ type: "refused", outcome });
const unreachable = (reason: string) => refuse({ type: "unreachable", reason });
const end = (cause: HangupCause) => release({ type: "ended", cause });

/** The whole life of an FXO port. Events that make no sense in a state are ignored. `at`: monotonic ms. */
export function stepFxo(fxo: Fxo, event: FxoEvent, settings: FxoSettings, at: number): Step {
  if (event.type === "gone") return stay({ state: "idle" });
  if (event.type === "alarm") return cutOff(fxo, { state: "alarmed" }, undefined);
  if (event.type === "card-refused" && fxo.state !== "alarmed") return cutOff(fxo, { state: "releasing" }, FXO_MS.release);
  switch (fxo.state) {
    case "idle":
      return idle(fxo, event, settings);
    case "ringing":
      return ringing(fxo, event, at);
    case "ignoring":
      if (event.type === "ring-begin" || event.type === "ring-end") return stay(fxo, wake(FXO_MS.lostRing));
      return event.type === "wake" ? stay({ state: "idle" }) : stay(fxo);
    case "refusing":
      return event.type === "wake" ? end(fxo.cause) : stay(fxo);
    case "seizing":
      return seizing(fxo, event);
    case "dialling":
      return dialling(fxo, event, settings);
    case "proceeding":
      return proceeding(fxo, event, settings, at);
    case "confirming":
      if (event.type === "wake") return answered("told", at);
      if (event.type === "polarity") return proceed(fxo.before, settings);
      return event.type === "hangup" || event.type === "sound" ? proceeding(fxo.before, event, settings, at, fxo) : stay(fxo);
    case "talking":
      return talking(fxo, event, settings, at);
    case "releasing":
      if (event.type === "ring-begin") return idle({ state: "idle" }, event, settings);
      return event.type === "wake" ? stay({ state: "idle" }) : stay(fxo);
    case "alarmed":
      return event.type === "no-alarm" ? release() : stay(fxo);
  }
}

/** The line is dead, or the card does not do its work; what was going on has ended. */
function cutOff(fxo: Fxo, next: Fxo, wakeMs: number | undefined): Step {
  const rest = [hook(false), wake(wakeMs)];
  switch (fxo.state) {
    case "seizing":
    case "dialling":
    case "proceeding":
    case "confirming":
      return stay(next, { type: "refused", outcome: { type: "unreachable", reason: "the line is dead" } }, ...rest);
    case "ringing":
      return stay(next, ...(fxo.offered ? [{ type: "ended", cause: "failed" } as const] : []), ...rest);
    case "talking":
    case "refusing":
      return stay(next, { type: "ended", cause: fxo.state === "talking" ? "failed" : fxo.cause }, ...rest);
    default:
      return stay(next, ...rest);
  }
}

function idle(fxo: Extract<Fxo, { state: "idle" }>, event: FxoEvent, { callerId }: FxoSettings): Step {
  switch (event.type) {
    case "caller":
      return stay({ state: "idle", early: event.caller }, wake(FXO_MS.early));
    case "wake":
      return stay({ state: "idle" });
    case "ring-begin": {
      const offered = fxo.early !== undefined || callerId === "off";
      const offer: FxoEffect[] = offered ? [{ type: "offer", caller: fxo.early }] : [];
      return stay({ state: "ringing", offered }, ...offer, wake(FXO_MS.lostRing));
    }
    case "dial":
      return stay({ state: "seizing", number: event.number }, hook(true), wake(FXO_MS.dialTone));
    default:
      return stay(fxo);
  }
}

function ringing(fxo: Extract<Fxo, { state: "ringing" }>, event: FxoEvent, at: number): Step {
  switch (event.type) {
    case "ring-end":
      return stay(fxo, wake(FXO_MS.lostRing));
    // The number comes before the second ring or not at all.
    case "ring-begin":
    case "caller": {
      if (fxo.offered) return stay(fxo, ...(event.type === "ring-begin" ? [wake(FXO_MS.lostRing)] : []));
      const caller = event.type === "caller" ? event.caller : undefined;
      const more = event.type === "ring-begin" ? [wake(FXO_MS.lostRing)] : [];
      return stay({ state: "ringing", offered: true }, { type: "offer", caller }, ...more);
    }
    case "wake":
      return stay({ state: "idle" }, ...(fxo.offered ? [{ type: "ended", cause: "no-answer" } as const] : []));
    case "answer":
      return fxo.offered ? stay({ state: "talking", sinceAt: at, answer: "ours" }, hook(true), wake(undefined)) : stay(fxo);
    case "hangup":
      if (!fxo.offered) return stay(fxo);
      // An analogue line knows no refusal but to answer and hang up; what is no refusal rings on until the caller gives up.
      if (event.cause === "busy" || event.cause === "rejected")
        return stay({ state: "refusing", cause: event.cause }, hook(true), wake(FXO_MS.refusal));
      return stay({ state: "ignoring" }, { type: "ended", cause: event.cause }, wake(FXO_MS.lostRing));
    default:
      return stay(fxo);
  }
}

function seizing(fxo: Extract<Fxo, { state: "seizing" }>, event: FxoEvent): Step {
  const dial = (...effects: FxoEffect[]) =>
    stay({ state: "dialling" }, ...effects, { type: "dial", digits: fxo.number }, wake(FXO_MS.dialling));
  if (event.type === "hangup") return refuse({ type: "no-answer" });
  if (event.type === "loop-open") return unreachable("the exchange gives no line");
  // Exchanges of one's own may have no dial tone, or another than 450 Hz.
  if (event.type === "wake") return dial({ type: "no-dial-tone" });
  if (event.type !== "sound") return stay(fxo);
  if (event.sound === "dial-tone") return dial();
  return event.sound === "busy" || event.sound === "congestion" ? unreachable("the exchange gives no line") : stay(fxo);
}

function dialling(fxo: Fxo, event: FxoEvent, settings: FxoSettings): Step {
  const before: Proceeding = { state: "proceeding", ringBack: false, earlyMedia: false };
  switch (event.type) {
    case "dialled":
      return proceed(before, settings);
    // Somebody may answer before the card has said that it is done.
    case "polarity":
      return stay({ state: "confirming", before }, wake(FXO_MS.glitch));
    case "wake":
    case "loop-open":
      return unreachable("the card did not dial");
    case "hangup":
      return refuse({ type: "no-answer" });
    default:
      return stay(fxo);
  }
}

function proceed(fxo: Proceeding, { answersByPolarity }: FxoSettings): Step {
  if (answersByPolarity) return stay(fxo, wake(undefined));
  return stay(fxo, wake(fxo.ringBack ? FXO_MS.ringBackOver : FXO_MS.assumed));
}

function answered(by: AnswerKnownBy, at: number): Step {
  return stay({ state: "talking", sinceAt: at, answer: by }, { type: "answered", by }, wake(undefined));
}

/** `now` is the state that is kept where nothing comes of the event. */
function proceeding(fxo: Proceeding, event: FxoEvent, settings: FxoSettings, at: number, now: Fxo = fxo): Step {
  switch (event.type) {
    case "hangup":
      return refuse({ type: "no-answer" });
    case "loop-open":
      return unreachable("the exchange ended the call");
    case "polarity":
      return stay({ state: "confirming", before: fxo }, wake(FXO_MS.glitch));
    case "wake":
      // Nobody answers with a tone: it may be the busy tone of one who has just refused.
      return event.hearsTone ? stay(now, wake(FXO_MS.listenOn)) : answered("assumed", at);
    case "sound":
      return hearing(fxo, event.sound, settings, at, now);
    default:
      return stay(now);
  }
}

function hearing(fxo: Proceeding, sound: LineSound, settings: FxoSettings, at: number, now: Fxo): Step {
  switch (sound) {
    case "busy":
      return refuse({ type: "busy" });
    case "congestion":
    case "unobtainable":
      return unreachable(sound === "congestion" ? "the exchange has no way there" : "nobody has the number");
    case "ring-back": {
      if (now.state === "confirming") return stay(now);
      const { effects, next } = proceed({ ...fxo, ringBack: true }, settings);
      return stay(next, ...(fxo.ringBack ? [] : [{ type: "ringing" } as const]), ...effects);
    }
    case "voice":
      if (now.state === "confirming") return stay(now);
      if (fxo.ringBack && !settings.answersByPolarity) return answered("heard", at);
      return fxo.earlyMedia ? stay(fxo) : stay({ ...fxo, earlyMedia: true }, { type: "early-media" });
    case "dial-tone":
      // Behind ring-back, the next burst has begun.
      return now.state === "proceeding" && now.ringBack ? proceed(now, settings) : stay(now);
  }
}

function talking(fxo: Extract<Fxo, { state: "talking" }>, event: FxoEvent, { hangUp }: FxoSettings, at: number): Step {
  switch (event.type) {
    case "hangup":
      return end(event.cause);
    case "loop-open":
      return end("normal");
    case "sound":
      return hangUp !== "polarity" && (event.sound === "busy" || event.sound === "congestion") ? end("normal") : stay(fxo);
    case "polarity":
      // What was taken for an answer was a prompt or music; this is the answer.
      if (fxo.answer === "heard" || fxo.answer === "assumed") return answered("told", at);
      return hangUp !== "busy-tone" && at - fxo.sinceAt >= FXO_MS.settling ? end("normal") : stay(fxo);
    default:
      return stay(fxo);
  }
}
