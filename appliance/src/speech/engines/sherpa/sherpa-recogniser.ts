import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Clock, Log } from "@sitebox/core/kernel";
import { z } from "zod";
import { type EngineLink, EngineProcess, samplesPayload } from "../../processes/index.ts";
import { type EngineState, type Recognition, type RecognitionEngine, SpeechError, type Utterance } from "../../seams/index.ts";
import { checkedManifest, RecogniserManifest } from "./manifest.ts";

const RESULT_WITHIN_MS = 8_000;
const MAX_SESSIONS = 64;
const Result = z.object({ text: z.string(), confidence: z.number() });

interface Session {
  readonly outcome: PromiseWithResolvers<Recognition>;
  readonly gone: AbortController;
}

/** A streaming recogniser of sherpa-onnx in its own process: dictates freely. Used where its model is installed in `sherpa-asr`. */
export class SherpaRecogniser implements RecognitionEngine {
  readonly #process: EngineProcess;
  readonly #clock: Clock;
  readonly #sessions = new Map<number, Session>();
  #lastSession = 0;

  constructor({ modelsDir, clock, log }: { readonly modelsDir: string; readonly clock: Clock; readonly log: Log }) {
    const folder = join(modelsDir, "sherpa-asr");
    this.#clock = clock;
    this.#process = new EngineProcess(
      {
        name: "sherpa-asr",
        command: process.execPath,
        args: [fileURLToPath(new URL("./asr-child.ts", import.meta.url)), folder],
        check: async () => void (await checkedManifest(folder, RecogniserManifest)),
        received: ({ type, session, payload }) => {
          if (type === "R") this.#heard(session, payload);
        },
        lost: (error) => {
          for (const session of [...this.#sessions.keys()]) this.#fail(session, error);
        },
      },
      { clock, log },
    );
  }

  get state(): EngineState {
    return this.#process.state;
  }

  settled(signal: AbortSignal): Promise<EngineState> {
    return this.#process.settled(signal);
  }

  /** Nothing to compile: it dictates. */
  async prepare(): Promise<void> {}

  open(): Utterance {
    const number = ++this.#lastSession;
    const session: Session = { outcome: Promise.withResolvers(), gone: new AbortController() };
    // Whoever wants the result awaits `finish`; an utterance may also fail or be cancelled before.
    session.outcome.promise.catch(() => {});
    this.#sessions.set(number, session);
    const { link } = this.#process;
    if (!link) this.#fail(number, new SpeechError("engine-died", "sherpa-asr is not running"));
    else if (this.#sessions.size > MAX_SESSIONS) this.#fail(number, new SpeechError("timeout", "too many people speak at once"));
    else link.send("S", number);
    return this.#utterance(number, session, link);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }

  #utterance(number: number, session: Session, link: EngineLink | undefined): Utterance {
    return {
      gone: session.gone.signal,
      feed: (samples) => {
        if (this.#sessions.has(number)) link?.send("A", number, samplesPayload(samples));
      },
      finish: async (withinMs = RESULT_WITHIN_MS) => {
        if (this.#sessions.has(number)) link?.send("E", number);
        using _ = this.#clock.after(withinMs, () => {
          this.#fail(number, new SpeechError("timeout", `no result within ${withinMs} ms`));
        });
        return await session.outcome.promise;
      },
      cancel: () => {
        if (this.#sessions.delete(number)) link?.send("C", number);
      },
    };
  }

  #heard(number: number, payload: Buffer): void {
    const session = this.#sessions.get(number);
    this.#sessions.delete(number);
    const { text, confidence } = Result.parse(JSON.parse(payload.toString("utf8")));
    session?.outcome.resolve({ text, confidence, score: confidence });
  }

  #fail(number: number, error: SpeechError): void {
    const session = this.#sessions.get(number);
    this.#sessions.delete(number);
    session?.outcome.reject(error);
    session?.gone.abort(error);
  }
}
