import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Clock, Log } from "@sitebox/core/kernel";
import { CachedSynthesizer } from "./cached-synthesizer.ts";
import { EspeakVoice } from "./engines/espeak/index.ts";
import { PocketSphinx } from "./engines/pocketsphinx/index.ts";
import { SherpaRecogniser, SherpaVoice, SileroDetector } from "./engines/sherpa/index.ts";
import { TurnRecognizer } from "./recognizer.ts";
import type { Language } from "./seams/index.ts";
import type { EngineState, Grammar, Recognizer, Speech, Synthesizer } from "./speech.ts";
import { VoiceCache } from "./voice-cache.ts";

export interface SpeechOptions {
  /** Where the models lie: `pocketsphinx-zh/…`, `silero/…`, and `sherpa-asr/`, `sherpa-tts/` where installed. */
  readonly modelsDir: string;
  /** The compiled sitebox-pocketsphinx. */
  readonly nativeProgram: string;
  /** Rendered texts are kept here. */
  readonly cacheDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Processor cores the recogniser may count on; the machine's when left out. */
  readonly cores?: number;
}

/** The speech of a box, with what its owner prepares before calls come. */
export interface BoxSpeech extends Speech {
  /** Compiles a grammar before a turn needs it. @throws SpeechError `bad-model` when the grammar is wrong */
  prepare(grammar: Grammar): Promise<void>;
  /** Renders fixed texts once, for good. */
  warm(texts: Iterable<string>, language: Language): Promise<void>;
  /** Resolves when every engine is ready or known to be out of order. */
  settled(signal: AbortSignal): Promise<void>;
}

/** Measured: in a hotel's whole grammar one person who speaks takes 0.3 of a core, among 200 phrases 0.2. */
const SESSIONS_PER_CORE = 2;

/** Opens all speech engines. Never fails for want of a model: what is missing is told by `state`. */
export async function openSpeech(options: SpeechOptions): Promise<BoxSpeech> {
  const { modelsDir, nativeProgram: program, cacheDir, clock } = options;
  const log = options.log.child("speech");
  await using opening = new AsyncDisposableStack();
  const cores = options.cores ?? availableParallelism();
  const detector = opening.use(new SileroDetector({ modelsDir, clock, log }));
  const dictation = opening.use(new SherpaRecogniser({ modelsDir, clock, log }));
  const natural = opening.use(new SherpaVoice({ modelsDir, clock, log }));
  const phrases = opening.use(new PocketSphinx({ program, modelsDir, sessions: cores * SESSIONS_PER_CORE, clock, log }));
  const espeak = opening.use(new EspeakVoice({ clock, log }));
  const closing = new AbortController();
  opening.defer(() => closing.abort());
  await espeak.open(closing.signal);
  const best = () => (dictation.state.state === "ready" ? dictation : phrases);
  const recognizer = opening.use(new TurnRecognizer({ engine: best, detector, clock }));
  const synthesizer = opening.use(
    new CachedSynthesizer([natural, espeak], new VoiceCache({ folder: join(cacheDir, "voice"), log })),
  );
  const engines = [dictation, phrases, detector, natural, espeak];
  const owned = opening.move();
  return {
    recognizer: recognizer satisfies Recognizer,
    synthesizer: synthesizer satisfies Synthesizer,
    state: (): readonly EngineState[] => engines.map((engine) => engine.state),
    get canListen() {
      return best().state.state === "ready";
    },
    get canSpeak() {
      return synthesizer.canSpeak;
    },
    prepare: (grammar) => phrases.prepare(grammar),
    warm: (texts, language) => synthesizer.warm(texts, language),
    settled: async (signal) => {
      await Promise.all([dictation, phrases, detector, natural].map((engine) => engine.settled(signal)));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
