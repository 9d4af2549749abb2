import type { HeardFrame, Pcm8k } from "../media/index.ts";

/** What may be said next: phrases of the site's own vocabulary. Built by dialog/, compiled by the engine. */
export interface Grammar {
  /** Stable name, so that an engine can keep the compiled form: changes whenever the rules change. */
  readonly id: string;
  /** JSGF 1.0 text with one public rule; words are Chinese, separated by spaces. */
  readonly jsgf: string;
  /** For engines that dictate freely: words to favour. */
  readonly hotwords: readonly string[];
}

/** How long a pause ends the turn. */
export interface TurnProfile {
  readonly endpointMs: number;
  /** Longest turn; it is cut there. */
  readonly maxMs: number;
}

export type Heard =
  | { readonly type: "speech-started"; readonly atMs: number }
  /** `text` is "" where a voice was heard but no words: a turn of its own ("没听清"). */
  | {
      readonly type: "heard";
      readonly text: string;
      /** 0–1: how sure the engine is that this was said and nothing outside the grammar. */
      readonly confidence: number;
      readonly startedAtMs: number;
      /** End of the last voiced frame. */
      readonly endedAtMs: number;
    };

/** Turns one leg's sound into turns. Fails with {@link SpeechError} when the engine is gone. */
export interface Recognizer extends AsyncDisposable {
  /** One turn after another from the same frames until the signal aborts. `grammar` and `profile` are read at each turn's start. */
  listen(
    frames: AsyncIterable<HeardFrame>,
    options: { readonly signal: AbortSignal; readonly grammar: () => Grammar; readonly profile: () => TurnProfile },
  ): AsyncIterable<Heard>;
  /** Recognises a whole recording against a grammar; for tools. 8 or 16 kHz mono. */
  recognize(
    samples: Int16Array,
    sampleRate: 8000 | 16000,
    grammar: Grammar,
  ): Promise<{ readonly text: string; readonly confidence: number; readonly score: number }>;
}

export interface Synthesizer extends AsyncDisposable {
  /** Speaks a text; fixed texts come from the cache at once. */
  speak(text: string, options: { readonly language: "zh-CN" | "en"; readonly signal?: AbortSignal }): Promise<Pcm8k>;
}

export type SpeechFault = "no-engine" | "engine-died" | "bad-model" | "timeout";

export class SpeechError extends Error {
  override name = "SpeechError";
  readonly fault: SpeechFault;
  constructor(fault: SpeechFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

export interface EngineState {
  readonly name: string;
  readonly state: "ready" | "starting" | "failed" | "absent";
  readonly reason?: string;
  readonly pid?: number;
}

/** All speech of a box: engines in child processes, restarted when they die, each replaceable behind its seam. */
export interface Speech extends AsyncDisposable {
  readonly recognizer: Recognizer;
  readonly synthesizer: Synthesizer;
  /** What a person sees: which engines run and why one does not. */
  state(): readonly EngineState[];
  /** Whether a turn can be understood now; otherwise the call goes by keypad and message. */
  readonly canListen: boolean;
  readonly canSpeak: boolean;
}
