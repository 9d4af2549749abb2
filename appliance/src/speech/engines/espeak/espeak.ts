import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Clock, Log } from "@sitebox/core/kernel";
import { type Pcm8k, parseWav } from "../../../media/index.ts";
import type { Language, VoiceEngine } from "../../seams/index.ts";
import { type EngineState, SpeechError } from "../../seams/index.ts";
import { normalizeLoudness, resample } from "../../sound/index.ts";
import { escapeMarkup, spokenPinyin } from "./spoken.ts";

/** Words a minute as espeak-ng counts them: 4.6 syllables a second in Mandarin, an unhurried speaker. */
const SPEED = 210;
const VOICES: Readonly<Record<Language, string>> = { "zh-CN": "cmn-latn-pinyin", en: "en" };
/** Rendering takes 10 to 40 ms; one that takes this long hangs. */
const RENDER_WITHIN_MS = 5_000;
const AT_ONCE = 4;
const MAX_WAITING = 64;

/** The embedded voice: espeak-ng, one short process for each text (10–40 ms, 9 MB). */
export class EspeakVoice implements VoiceEngine {
  readonly voice = `espeak-ng-${SPEED}`;
  readonly #clock: Clock;
  readonly #log: Log;
  #state: EngineState = { name: "espeak-ng", state: "starting" };
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = clock;
    this.#log = log.child("espeak-ng");
  }

  get state(): EngineState {
    return this.#state;
  }

  /** Speaks one word to see whether the program and its Mandarin voice are there. */
  async open(signal: AbortSignal): Promise<void> {
    try {
      await this.render("好", "zh-CN", signal);
    } catch (err) {
      const reason = err instanceof Error ? err.message : String(err);
      this.#state = { name: "espeak-ng", state: "absent", reason };
      this.#log.warn("there is no embedded voice", { err });
    }
  }

  async render(text: string, language: Language, signal: AbortSignal): Promise<Pcm8k> {
    if (this.#waiting.length >= MAX_WAITING) throw new SpeechError("timeout", "too many texts wait for the voice");
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    this.#running++;
    try {
      const { channels, sampleRate } = parseWav(await this.#run(text, language, signal));
      const [samples = new Int16Array()] = channels;
      this.#state = { name: "espeak-ng", state: "ready" };
      return normalizeLoudness(resample(samples, sampleRate, 8_000));
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const go of this.#waiting.splice(0)) go();
  }

  async #run(text: string, language: Language, signal: AbortSignal): Promise<Buffer> {
    const patience = new AbortController();
    using _ = this.#clock.after(RENDER_WITHIN_MS, () => patience.abort(new SpeechError("timeout", "the voice hangs")));
    const stop = AbortSignal.any([signal, patience.signal]);
    stop.throwIfAborted();
    const child = spawn("espeak-ng", ["-b", "1", "-m", "-v", VOICES[language], "-s", String(SPEED), "--stdin", "--stdout"], {
      stdio: ["pipe", "pipe", "ignore"],
      signal: stop,
      killSignal: "SIGKILL",
    });
    child.stdin.on("error", () => {});
    child.stdin.end(language === "en" ? escapeMarkup(text) : spokenPinyin(text));
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => void chunks.push(chunk));
    await once(child, "close").catch((cause: unknown) => {
      stop.throwIfAborted();
      throw new SpeechError("no-engine", "espeak-ng cannot be run: apt-get install -y espeak-ng", { cause });
    });
    if (child.exitCode !== 0)
      throw new SpeechError("engine-died", `espeak-ng ended (${child.signalCode ?? `exit code ${child.exitCode}`})`);
    return Buffer.concat(chunks);
  }
}
