import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { Pcm8k } from "../../../media/index.ts";
import { EngineProcess, payloadSamples } from "../../processes/index.ts";
import { type EngineState, type Language, SpeechError, type VoiceEngine } from "../../seams/index.ts";
import { normalizeLoudness, resample } from "../../sound/index.ts";
import { checkedManifest, VoiceManifest } from "./manifest.ts";

const RENDER_WITHIN_MS = 15_000;
const MAX_WAITING = 32;

/** A natural Mandarin voice of sherpa-onnx in its own process. Used where its model is installed in `sherpa-tts`. */
export class SherpaVoice implements VoiceEngine {
  readonly #process: EngineProcess;
  readonly #clock: Clock;
  readonly #requests = new Map<number, PromiseWithResolvers<Pcm8k>>();
  #lastRequest = 0;
  #name = "sherpa";

  constructor({ modelsDir, clock, log }: { readonly modelsDir: string; readonly clock: Clock; readonly log: Log }) {
    const folder = join(modelsDir, "sherpa-tts");
    this.#clock = clock;
    this.#process = new EngineProcess(
      {
        name: "sherpa-tts",
        command: process.execPath,
        args: [fileURLToPath(new URL("./tts-child.ts", import.meta.url)), folder],
        check: async () => {
          const { name, speaker, speed } = await checkedManifest(folder, VoiceManifest);
          this.#name = `sherpa-${name}-${speaker}-${speed}`;
        },
        received: ({ type, session, payload }) => {
          if (type !== "W") return;
          const sound = resample(payloadSamples(payload.subarray(4)), payload.readUInt32LE(0), 8_000);
          this.#requests.get(session)?.resolve(normalizeLoudness(sound));
        },
        lost: (error) => {
          for (const request of this.#requests.values()) request.reject(error);
        },
      },
      { clock, log },
    );
  }

  get state(): EngineState {
    return this.#process.state;
  }

  get voice(): string {
    return this.#name;
  }

  settled(signal: AbortSignal): Promise<EngineState> {
    return this.#process.settled(signal);
  }

  async render(text: string, language: Language, signal: AbortSignal): Promise<Pcm8k> {
    const { link } = this.#process;
    if (!link || language !== "zh-CN") throw new SpeechError("no-engine", "sherpa-tts speaks Mandarin, while it runs");
    if (this.#requests.size >= MAX_WAITING) throw new SpeechError("timeout", "too many texts wait for the voice");
    const number = ++this.#lastRequest;
    const request = Promise.withResolvers<Pcm8k>();
    const abort = () => request.reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    using _ = this.#clock.after(RENDER_WITHIN_MS, () => request.reject(new SpeechError("timeout", "the voice hangs")));
    this.#requests.set(number, request);
    try {
      link.send("T", number, Buffer.from(text, "utf8"));
      return await request.promise;
    } finally {
      signal.removeEventListener("abort", abort);
      this.#requests.delete(number);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
