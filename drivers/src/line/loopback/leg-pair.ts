import { Channel, type Clock } from "@sitebox/core/kernel";
import { type Digit, type HangupCause, type Leg, type LegRequest, PacedAudio } from "../index.ts";

/** A leg whose far end is in the same process. */
export interface LoopbackLeg extends Leg {
  /** As if the far end asked for it. */
  ask(request: LegRequest): void;
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
  const nearAudio: PacedAudio = new PacedAudio(clock, (frame) => farAudio.hear(frame));
  const farAudio: PacedAudio = new PacedAudio(clock, (frame) => nearAudio.hear(frame));
  const nearKeys = new Channel<Digit>();
  const farKeys = new Channel<Digit>();
  let over = false;
  const join = async () => {
    if (over) return;
    nearAudio.start();
    farAudio.start();
    answered.resolve();
  };
  const part = async (cause: HangupCause) => {
    if (over) return;
    over = true;
    for (const keys of [nearKeys, farKeys]) keys.close();
    await Promise.all([nearAudio[Symbol.asyncDispose](), farAudio[Symbol.asyncDispose]()]);
    ended.resolve(cause);
  };
  const side = (options: { remote: string; audio: PacedAudio; keys: Channel<Digit>; farKeys: Channel<Digit> }): LoopbackLeg => {
    const requests = new Channel<LegRequest>();
    void ended.promise.then(() => requests.close());
    return {
      remote: options.remote,
      dialled: called,
      line: undefined,
      audio: options.audio,
      digits: options.keys,
      requests,
      facts: {},
      ended: ended.promise,
      progress: async () => {},
      answer: async () => {},
      hold: async () => {},
      press: (digits) => {
        for (const digit of digits) options.farKeys.push(digit);
      },
      ask: (request) => requests.push(request),
      hangup: part,
    };
  };
  const near = side({ remote: called, audio: nearAudio, keys: nearKeys, farKeys });
  const far = { ...side({ remote: caller, audio: farAudio, keys: farKeys, farKeys: nearKeys }), answer: join };
  return { near, far, answered: answered.promise };
}
