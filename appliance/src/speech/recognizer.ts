import type { Clock } from "@sitebox/core/kernel";
import type { HeardFrame } from "../media/index.ts";
import { Listening, type ListeningOptions } from "./listening.ts";
import { type Recognition, type RecognitionEngine, type VoiceDetector, WINDOW_SAMPLES } from "./seams/index.ts";
import { level, resample } from "./sound/index.ts";
import { type Grammar, type Heard, type Recognizer, SpeechError } from "./speech.ts";

export interface TurnRecognizerParts {
  /** The engine to use now: the best one that is ready. */
  readonly engine: () => RecognitionEngine;
  readonly detector: VoiceDetector;
  readonly clock: Clock;
}

/** How long a recording may wait for an engine that is just starting. */
const START_WITHIN_MS = 20_000;
/** A whole recording comes at once and may wait for others. */
const RECORDING_WITHIN_MS = 60_000;
/** Quiet around a recording, so that its first and last sounds have a context: 150 ms. */
const QUIET = new Int16Array(2_400);
const CHUNK_SAMPLES = 3_200;

/** Turns over whatever engine runs. */
export class TurnRecognizer implements Recognizer {
  readonly #parts: TurnRecognizerParts;
  readonly #closing = new AbortController();

  constructor(parts: TurnRecognizerParts) {
    this.#parts = parts;
  }

  async *listen(
    frames: AsyncIterable<HeardFrame>,
    options: ListeningOptions & { readonly signal: AbortSignal },
  ): AsyncGenerator<Heard> {
    const { engine, detector } = this.#parts;
    const chosen = engine();
    refuseDead(chosen);
    using listening = new Listening({ engine: chosen, detector }, options);
    const stop = new AbortController();
    const pumping = pump(frames, listening, AbortSignal.any([options.signal, this.#closing.signal, stop.signal]));
    try {
      yield* listening.heard;
      if (listening.failure) throw listening.failure;
      if (!options.signal.aborted) await pumping;
    } finally {
      stop.abort();
      await pumping.catch(() => {});
    }
  }

  async recognize(samples: Int16Array, sampleRate: 8000 | 16000, grammar: Grammar): Promise<Recognition> {
    const engine = this.#parts.engine();
    const patience = new AbortController();
    using _ = this.#parts.clock.after(START_WITHIN_MS, () =>
      patience.abort(new SpeechError("timeout", "the recogniser does not start")),
    );
    await engine.settled(patience.signal);
    refuseDead(engine);
    const utterance = engine.open(grammar, {});
    const wide = level(resample(samples, sampleRate, 16_000), WINDOW_SAMPLES);
    utterance.feed(QUIET);
    for (let at = 0; at < wide.length; at += CHUNK_SAMPLES) utterance.feed(wide.subarray(at, at + CHUNK_SAMPLES));
    utterance.feed(QUIET);
    return await utterance.finish(RECORDING_WITHIN_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
  }
}

/** @throws SpeechError when an engine will not come back by itself */
function refuseDead({ state }: RecognitionEngine): void {
  if (state.state === "absent") throw new SpeechError("no-engine", state.reason ?? "no recogniser is installed");
  if (state.state === "failed") throw new SpeechError("bad-model", state.reason ?? "the recogniser cannot be used");
}

/** Carries frames into the listening until they end or the signal aborts. */
async function pump(frames: AsyncIterable<HeardFrame>, listening: Listening, signal: AbortSignal): Promise<void> {
  const stopped = Promise.withResolvers<"stopped">();
  signal.addEventListener("abort", () => stopped.resolve("stopped"), { once: true });
  if (signal.aborted) stopped.resolve("stopped");
  const reader = frames[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([reader.next(), stopped.promise]);
      if (next === "stopped") {
        // Not awaited: a generator that waits for a frame answers only when one comes.
        reader.return?.()?.then(undefined, () => {});
        return;
      }
      if (next.done) return await listening.end();
      listening.hear(next.value);
    }
  } finally {
    listening.heard.close();
  }
}
