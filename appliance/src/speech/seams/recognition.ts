import type { EngineState, Grammar } from "../speech.ts";

/** What an engine made of one stretch of sound. */
export interface Recognition {
  readonly text: string;
  /** 0–1, see {@link ACCEPTED}. */
  readonly confidence: number;
  /** The engine's own figure behind the confidence; higher is surer. */
  readonly score: number;
}

/** Below this confidence nothing of the grammar was said: a turn's text is then "". */
export const ACCEPTED = 0.5;

/** What an engine has learned of one caller's line; it belongs to one call and only its engine looks inside. */
export interface CallerMemory {
  means?: Buffer;
}

/** One stretch of speech, recognised while it comes. End it with `finish` or `cancel`. */
export interface Utterance {
  /** Aborted with a SpeechError when the engine was lost before the result. */
  readonly gone: AbortSignal;
  /** 16 kHz mono. */
  feed(samples: Int16Array): void;
  /** The result, by default within the time that a conversation can wait. @throws SpeechError `engine-died`, `timeout` */
  finish(withinMs?: number): Promise<Recognition>;
  cancel(): void;
}

/** An engine that recognises speech; each lives in a child process. */
export interface RecognitionEngine extends AsyncDisposable {
  readonly state: EngineState;
  /** Resolves when the engine is ready, or when it has failed for good. */
  settled(signal: AbortSignal): Promise<EngineState>;
  /** Compiles a grammar before it is needed. */
  prepare(grammar: Grammar): Promise<void>;
  open(grammar: Grammar, caller: CallerMemory): Utterance;
}
