import { Channel } from "@sitebox/core/kernel";
import { tone } from "@sitebox/drivers/sound";
import { type Heard, type Speech, SpeechError } from "../../speech/index.ts";

/** A speech engine that hears what a test says it hears, and speaks tones. It can die and come back. */
export class ScriptedSpeech implements Speech {
  #heard = new Channel<Heard>();
  #dead = false;
  readonly spoken: string[] = [];

  readonly recognizer: Speech["recognizer"] = {
    listen: (_frames, { signal }) => this.#turns(signal),
    recognize: () => Promise.reject(new SpeechError("no-engine", "scripted")),
    [Symbol.asyncDispose]: async () => {},
  };

  readonly synthesizer: Speech["synthesizer"] = {
    speak: async (text) => {
      this.spoken.push(text);
      return tone(600, 200);
    },
    [Symbol.asyncDispose]: async () => {},
  };

  get canListen(): boolean {
    return !this.#dead;
  }

  readonly canSpeak = true;

  state(): [] {
    return [];
  }

  /** The caller's voice begins. */
  onset(): void {
    this.#heard.push({ type: "speech-started", atMs: 0 });
  }

  /** The caller has said it. */
  hear(text: string): void {
    this.#heard.push({ type: "heard", text, confidence: 0.9, startedAtMs: 0, endedAtMs: 0 });
  }

  die(): void {
    this.#dead = true;
    this.#heard.close();
  }

  revive(): void {
    this.#heard = new Channel();
    this.#dead = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#heard.close();
  }

  async *#turns(signal: AbortSignal): AsyncGenerator<Heard> {
    const heard = this.#heard;
    signal.addEventListener("abort", () => heard.close(), { once: true });
    yield* heard;
    if (this.#dead) throw new SpeechError("engine-died", "killed by the test");
  }
}
