import type { Digit } from "../../line/index.ts";
import { KeyDetector } from "../../sound/index.ts";
import type { CallerNumber } from "./caller-message.ts";

const FRAME_MS = 20;
/** Longer than exchanges pause between two digits (50 to 100 ms); a number that nothing ends has ended then. */
const SILENCE_MS = 400;
const FEWEST_DIGITS = 3;
const MOST_DIGITS = 24;

/**
 * Hears callers' numbers as keys: `D` or `A`, the digits, and `C` or `#`; exchanges leave out the first, or the last, or both, so silence ends
 * a number too. `B…C`, and `D` with one digit, say why there is none (ETSI EN 300 659-3 annex B).
 */
export class DtmfCaller {
  readonly #keys = new KeyDetector();
  #heard: Digit[] = [];
  #silentMs = 0;

  /** Whether a number has begun and not ended. */
  get collecting(): boolean {
    return this.#heard.length > 0;
  }

  /** Takes a frame of 20 ms. Gives the number that ended with it. */
  hear(frame: Int16Array): CallerNumber | undefined {
    const key = this.#keys.hear(frame);
    if (key === undefined) {
      if (this.#heard.length === 0) return undefined;
      this.#silentMs += FRAME_MS;
      return this.#silentMs >= SILENCE_MS ? this.#end() : undefined;
    }
    this.#silentMs = 0;
    if (key === "C" || key === "#") return this.#end();
    if (key === "A" || key === "B" || key === "D") this.#heard = [];
    this.#heard.push(key);
    if (this.#heard.length > MOST_DIGITS) this.#heard = [];
    return undefined;
  }

  #end(): CallerNumber | undefined {
    const heard = this.#heard.join("");
    this.#heard = [];
    this.#silentMs = 0;
    const number = heard.replace(/^[ABD]/, "");
    if (/^(B|D\d$)/.test(heard)) return { number: "", withheld: /^B10|^D1$/.test(heard) ? "private" : "unavailable" };
    return number.length >= FEWEST_DIGITS ? { number } : undefined;
  }
}
