import { Channel } from "@sitebox/core/kernel";
import { type HeardFrame, upsampler } from "../media/index.ts";
import {
  ACCEPTED,
  type CallerMemory,
  type Recognition,
  type RecognitionEngine,
  type Utterance,
  type VoiceDetector,
  WINDOW_MS,
  WINDOW_SAMPLES,
} from "./seams/index.ts";
import { CallerLevel, Leveller } from "./sound/index.ts";
import { type Grammar, type Heard, SpeechError, type TurnProfile } from "./speech.ts";
import { SILENT, step, type Turn, type TurnEffect, type TurnEvent } from "./turn-machine.ts";
import { VoiceTrack } from "./voice-track.ts";

/** Sound kept from before the voice was noticed, so that first syllables are whole: 320 ms. */
const PREROLL_WINDOWS = 10;
const SAMPLES_PER_MS = 16;

export interface ListeningParts {
  readonly engine: RecognitionEngine;
  readonly detector: VoiceDetector;
}

export interface ListeningOptions {
  readonly grammar: () => Grammar;
  readonly profile: () => TurnProfile;
}

/** Hears one leg: cuts its sound into turns and has each recognised while it is spoken. */
export class Listening implements Disposable {
  /** Ends after {@link end} or a failure. */
  readonly heard = new Channel<Heard>();
  readonly #parts: ListeningParts;
  readonly #options: ListeningOptions;
  readonly #track: VoiceTrack;
  readonly #upsampler = upsampler();
  readonly #memory: CallerMemory = {};
  readonly #level = new CallerLevel();
  /** The results still to come, one after the other. */
  #finishing: Promise<void> = Promise.resolve();
  #preroll: Int16Array[] = [];
  #turn: Turn = SILENT;
  #profile: TurnProfile;
  #utterance: Utterance | undefined;
  #leveller: Leveller | undefined;
  #failure: SpeechError | undefined;
  /** Samples (16 kHz) given to the voice track, and where the first of them lies in the leg's time. */
  #fed = 0;
  #originMs = 0;
  #decided = 0;

  constructor(parts: ListeningParts, options: ListeningOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#profile = options.profile();
    this.#track = new VoiceTrack(parts.detector, (voiced, window) => this.#window(voiced, window));
  }

  get failure(): SpeechError | undefined {
    return this.#failure;
  }

  hear({ samples, atMs }: HeardFrame): void {
    this.#originMs = atMs - this.#fed / SAMPLES_PER_MS;
    const doubled = this.#upsampler.process(samples);
    this.#fed += doubled.length;
    this.#track.feed(doubled);
  }

  /** The leg is over: what was being said is still recognised. */
  async end(): Promise<void> {
    this.#track.flush();
    this.#take({ type: "end" });
    await this.#finishing;
    this.heard.close();
  }

  [Symbol.dispose](): void {
    this.#track[Symbol.dispose]();
    this.#forget();
    this.heard.close();
  }

  #window(voiced: boolean, window: Int16Array): void {
    if (this.#failure) return;
    const fromMs = this.#originMs + (this.#decided * WINDOW_SAMPLES) / SAMPLES_PER_MS;
    this.#decided++;
    if (voiced) this.#level.add(window);
    this.#feed(window);
    this.#preroll.push(window);
    if (this.#preroll.length > PREROLL_WINDOWS) this.#preroll.shift();
    this.#take({ type: "window", voiced, fromMs, toMs: fromMs + WINDOW_MS });
  }

  #take(event: TurnEvent): void {
    if (this.#turn.type === "silent") this.#profile = this.#options.profile();
    const { next, effects } = step(this.#turn, event, this.#profile);
    this.#turn = next;
    for (const effect of effects) this.#act(effect);
  }

  #act(effect: TurnEffect): void {
    switch (effect.type) {
      case "open":
        this.#open();
        break;
      case "speech-started":
        this.heard.push(effect);
        break;
      case "drop":
        this.#forget();
        break;
      case "close":
        this.#close(effect);
        break;
    }
  }

  #open(): void {
    const utterance = this.#parts.engine.open(this.#options.grammar(), this.#memory);
    this.#utterance = utterance;
    this.#leveller = new Leveller(this.#level);
    utterance.gone.addEventListener("abort", () => {
      if (this.#utterance === utterance) this.#fail(utterance.gone.reason);
    });
    for (const window of this.#preroll) this.#feed(window);
    if (utterance.gone.aborted) this.#fail(utterance.gone.reason);
  }

  /** An utterance that is cancelled is gone, which is no failure once it is nobody's. */
  #forget(): void {
    const utterance = this.#utterance;
    this.#utterance = undefined;
    this.#leveller = undefined;
    utterance?.cancel();
  }

  #feed(window: Int16Array): void {
    for (const levelled of this.#leveller?.push(window) ?? []) this.#utterance?.feed(levelled);
  }

  #close(effect: TurnEffect & { type: "close" }): void {
    const utterance = this.#utterance;
    for (const levelled of this.#leveller?.flush() ?? []) utterance?.feed(levelled);
    this.#leveller = undefined;
    this.#utterance = undefined;
    this.#preroll = [];
    if (!utterance) return;
    const result = utterance.finish();
    const before = this.#finishing;
    this.#finishing = Promise.all([result, before]).then(
      ([recognition]) => this.#tell(recognition, effect),
      (error: unknown) => this.#fail(error),
    );
  }

  #tell({ text, confidence }: Recognition, { sure, startedAtMs, endedAtMs }: TurnEffect & { type: "close" }): void {
    const accepted = confidence >= ACCEPTED && text !== "";
    if (!sure && !accepted) return;
    if (!sure) this.heard.push({ type: "speech-started", atMs: startedAtMs });
    this.heard.push({ type: "heard", text: accepted ? text : "", confidence, startedAtMs, endedAtMs });
  }

  #fail(reason: unknown): void {
    if (this.#failure) return;
    this.#failure =
      reason instanceof SpeechError ? reason : new SpeechError("engine-died", "the recogniser failed", { cause: reason });
    this.#utterance = undefined;
    this.heard.close();
  }
}
