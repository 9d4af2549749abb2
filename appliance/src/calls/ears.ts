import { Channel, type Clock, type Log } from "@sitebox/core/kernel";
import type { HeardFrame, MediaLeg } from "../media/index.ts";
import { type Grammar, type Heard, type Speech, SpeechError, type TurnProfile } from "../speech/index.ts";

export interface EarsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly speech: Speech;
  readonly leg: MediaLeg;
}

export interface Listening {
  readonly grammar: Grammar;
  readonly profile: TurnProfile;
}

export type EarsEvent = Heard | { readonly type: "lost" };

/** How often the engine is looked at. */
const LOOK_MS = 500;
/** An engine that died between two turns is usually back before anybody speaks; after this long the caller is told. */
const PATIENCE_MS = 1_500;
/** Audio that waits for a recogniser: ten seconds. */
const WAITING_FRAMES = 500;

/**
 * Listens to one leg for as long as the call lasts: every frame goes to the recogniser, and to whoever records a message.
 * When the engine dies the call is told once, and listening begins anew as soon as an engine is there.
 */
export class Ears {
  readonly #deps: EarsDeps;
  readonly #hear: (event: EarsEvent) => void;
  #listening: Listening;
  #toRecogniser: Channel<HeardFrame> | undefined;
  #toMessage: Channel<HeardFrame> | undefined;
  #attentive = true;

  constructor(deps: EarsDeps, first: Listening, hear: (event: EarsEvent) => void) {
    this.#deps = deps;
    this.#listening = first;
    this.#hear = hear;
  }

  /** What may be said from the next turn on. */
  expect(listening: Listening): void {
    this.#listening = listening;
  }

  /** People talk among themselves: nothing is recognised until `attentive` is true again. */
  attend(attentive: boolean): void {
    this.#attentive = attentive;
  }

  get canListen(): boolean {
    return this.#deps.speech.canListen;
  }

  /** Runs until the signal aborts or the leg ends. */
  async run(signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const both = AbortSignal.any([signal, ended.signal]);
    const recognising = Promise.all([this.#recognise(both), this.#watch(both)]);
    try {
      for await (const frame of this.#deps.leg.listen(both)) {
        if (this.#attentive) this.#toRecogniser?.push(frame);
        this.#toMessage?.push(frame);
      }
    } finally {
      ended.abort();
      this.#toRecogniser?.close();
      this.#toMessage?.close();
    }
    await recognising;
  }

  /** The frames from now until `signal` aborts or the leg ends. */
  async *record(signal: AbortSignal): AsyncGenerator<HeardFrame> {
    const frames = new Channel<HeardFrame>(WAITING_FRAMES);
    signal.addEventListener("abort", () => frames.close(), { once: true });
    this.#toMessage = frames;
    try {
      if (!signal.aborted) yield* frames;
    } finally {
      this.#toMessage = undefined;
    }
  }

  /** Tells of an engine that is gone although no turn was under way. */
  async #watch(signal: AbortSignal): Promise<void> {
    let goneMs = 0;
    while (!signal.aborted) {
      goneMs = this.canListen ? 0 : goneMs + LOOK_MS;
      if (goneMs === PATIENCE_MS) this.#hear({ type: "lost" });
      await this.#pause(signal);
    }
  }

  async #pause(signal: AbortSignal): Promise<void> {
    await this.#deps.clock.sleep(LOOK_MS, signal).catch(() => {
      // Aborted: the loop that asked ends.
    });
  }

  async #recognise(signal: AbortSignal): Promise<void> {
    const { log, speech } = this.#deps;
    while (!signal.aborted) {
      if (speech.canListen) {
        const frames = new Channel<HeardFrame>(WAITING_FRAMES);
        this.#toRecogniser = frames;
        try {
          const turns = speech.recognizer.listen(frames, {
            signal,
            grammar: () => this.#listening.grammar,
            profile: () => this.#listening.profile,
          });
          for await (const heard of turns) this.#hear(heard);
        } catch (err) {
          if (signal.aborted) return;
          if (!(err instanceof SpeechError)) throw err;
          log.warn("the recogniser is gone, the call goes on by keypad", { fault: err.fault, err });
          this.#hear({ type: "lost" });
        }
        this.#toRecogniser = undefined;
      }
      if (signal.aborted) return;
      await this.#pause(signal);
    }
  }
}
