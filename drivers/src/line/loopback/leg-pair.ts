import { Channel, type Clock } from "@sitebox/core/kernel";
import type { Digit, HangupCause, Leg } from "../index.ts";
import { LoopbackAudio } from "./audio.ts";

/** A leg whose far end is in the same process. */
export interface LoopbackLeg extends Leg {
  readonly audio: LoopbackAudio;
  /** Presses a key at this end: the other end's `digits` have it. */
  press(digit: Digit): void;
}

export interface LegPair {
  /** The end that dialled. */
  readonly near: LoopbackLeg;
  /** The end that rings. */
  readonly far: LoopbackLeg;
  /** Resolves when the far end answers. */
  readonly answered: Promise<void>;
}

/** Two legs joined back to back: hanging up either one ends both. */
export function legPair({ caller, called, clock }: { caller: string; called: string; clock: Clock }): LegPair {
  const ended = Promise.withResolvers<HangupCause>();
  const answered = Promise.withResolvers<void>();
  const nearAudio = new LoopbackAudio(clock);
  const farAudio = new LoopbackAudio(clock);
  const nearKeys = new Channel<Digit>();
  const farKeys = new Channel<Digit>();
  let over = false;
  const join = async () => {
    if (over) return;
    nearAudio.connect(farAudio);
    farAudio.connect(nearAudio);
    answered.resolve();
  };
  const part = async (cause: HangupCause) => {
    if (over) return;
    over = true;
    for (const keys of [nearKeys, farKeys]) keys.close();
    await Promise.all([nearAudio[Symbol.asyncDispose](), farAudio[Symbol.asyncDispose]()]);
    ended.resolve(cause);
  };
  const shared = { dialled: called, ended: ended.promise, hangup: part };
  const near: LoopbackLeg = {
    ...shared,
    remote: called,
    audio: nearAudio,
    digits: nearKeys,
    answer: async () => {},
    press: (digit) => farKeys.push(digit),
  };
  const far: LoopbackLeg = {
    ...shared,
    remote: caller,
    audio: farAudio,
    digits: farKeys,
    answer: join,
    press: (digit) => nearKeys.push(digit),
  };
  return { near, far, answered: answered.promise };
}
