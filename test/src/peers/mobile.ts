import { readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { parseWav } from "@sitebox/appliance/media";
import { systemClock } from "@sitebox/core/kernel";
import { type ScriptedNetwork, ScriptedPhone } from "@sitebox/drivers/gsm/testing";

const FRAME_SAMPLES = 160;
const FRAME_MS = 20;
/** Mean amplitude above which a frame is speech: what the assistant says is far louder, comfort noise far softer. */
const LOUD = 300;

/** A mobile telephone in the scripted network: it calls a modem's number, speaks and listens, 20 ms after 20 ms. */
export class Mobile implements Disposable {
  readonly number: string;
  readonly #phone: ScriptedPhone;
  #loudFrames = 0;
  #frames = 0;
  #saying = 0;

  constructor(network: ScriptedNetwork, number: string, { answers = false } = {}) {
    this.number = number;
    this.#phone = new ScriptedPhone({ network, number, answers, clock: systemClock, onHeard: (frame) => this.#hear(frame) });
  }

  get state(): ScriptedPhone["state"] {
    return this.#phone.state;
  }

  /** How long it has heard something louder than noise, and anything at all, ms. */
  get heard(): { readonly loudMs: number; readonly allMs: number } {
    return { loudMs: this.#loudFrames * FRAME_MS, allMs: this.#frames * FRAME_MS };
  }

  /** Resolves with the network's cause when the call is over. */
  call(number: string): Promise<number> {
    return this.#phone.call(number);
  }

  hangUp(): void {
    this.#phone.hangUp();
  }

  /** Says a wav file of 8 kHz at the pace of speech; what was being said is broken off. Resolves at once. */
  async say(file: string): Promise<void> {
    const [samples = new Int16Array()] = parseWav(await readFile(file)).channels;
    void this.#speak(samples, ++this.#saying);
  }

  [Symbol.dispose](): void {
    this.#saying += 1;
    this.#phone[Symbol.dispose]();
  }

  async #speak(samples: Int16Array, saying: number): Promise<void> {
    const startedAt = performance.now();
    for (let at = 0; at + FRAME_SAMPLES <= samples.length && saying === this.#saying; at += FRAME_SAMPLES) {
      await wait(Math.max(0, startedAt + (at / FRAME_SAMPLES) * FRAME_MS - performance.now()));
      const frame = samples.subarray(at, at + FRAME_SAMPLES);
      this.#phone.say(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength));
    }
  }

  #hear(frame: Buffer): void {
    const samples = new Int16Array(frame.buffer, frame.byteOffset, frame.byteLength >> 1);
    const mean = samples.reduce((sum, sample) => sum + Math.abs(sample), 0) / samples.length;
    this.#frames += 1;
    if (mean > LOUD) this.#loudFrames += 1;
  }
}
