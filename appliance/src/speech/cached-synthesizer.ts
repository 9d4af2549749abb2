import type { Pcm8k } from "../media/index.ts";
import type { Language, VoiceEngine } from "./seams/index.ts";
import { SpeechError, type Synthesizer } from "./speech.ts";
import type { VoiceCache } from "./voice-cache.ts";

/** Speaks with the best voice that is there; what was rendered before comes from the cache. */
export class CachedSynthesizer implements Synthesizer {
  /** Best first. */
  readonly #voices: readonly VoiceEngine[];
  readonly #cache: VoiceCache;
  readonly #closing = new AbortController();

  constructor(voices: readonly VoiceEngine[], cache: VoiceCache) {
    this.#voices = voices;
    this.#cache = cache;
  }

  get canSpeak(): boolean {
    return this.#usable().length > 0;
  }

  async speak(
    text: string,
    { language, signal }: { readonly language: Language; readonly signal?: AbortSignal },
  ): Promise<Pcm8k> {
    for (const { voice } of this.#usable()) {
      const known = await this.#cache.find(voice, text, language);
      if (known) return known;
    }
    const { samples, voice } = await this.#render(text, language, signal);
    this.#cache.remember(voice, text, language, samples);
    return samples;
  }

  /** Renders fixed texts that are not on disk yet. */
  async warm(texts: Iterable<string>, language: Language): Promise<void> {
    for (const text of texts) {
      const best = this.#usable()[0];
      if (!best || this.#closing.signal.aborted) return;
      if (await this.#cache.find(best.voice, text, language)) continue;
      const { samples, voice } = await this.#render(text, language);
      await this.#cache.store(voice, text, language, samples);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new SpeechError("engine-died", "the voice is closed"));
  }

  #usable(): readonly VoiceEngine[] {
    return this.#voices.filter(({ state }) => state.state === "ready");
  }

  async #render(text: string, language: Language, signal?: AbortSignal): Promise<{ samples: Pcm8k; voice: string }> {
    const stop = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal;
    let failure: unknown = new SpeechError("no-engine", "no voice is installed");
    for (const engine of this.#usable()) {
      try {
        return { samples: await engine.render(text, language, stop), voice: engine.voice };
      } catch (error) {
        stop.throwIfAborted();
        failure = error;
      }
    }
    throw failure;
  }
}
