import { Channel, type Clock } from "@sitebox/core/kernel";
import type { Digit } from "../../line/index.ts";

/** By what a key was noticed: the modem says it, or its tones were in the sound. */
export type KeySource = "modem" | "sound";

/** The two tell of one press within this time of each other. */
const APART_MS = 800;

interface Press {
  readonly digit: Digit;
  readonly from: KeySource;
  readonly at: number;
}

const KEYS = "0123456789*#ABCD";
const isDigit = (text: string): text is Digit => text.length === 1 && KEYS.includes(text);

/** The key in a modem's own words: the key itself, or its ASCII code in decimal (Quectel's +QTONEDET). */
export function digitOf(word: string): Digit | undefined {
  const text = word.length === 2 ? String.fromCharCode(Number(word)) : word.toUpperCase();
  return isDigit(text) ? text : undefined;
}

/**
 * Joins the two ways in which keys are noticed into one stream of presses, each once. A press that the other way has told of a moment ago
 * and that has not been matched yet is the same one; so a key that one way misses is heard by the other, and the same key twice is two.
 */
export class KeysHeard {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #keys = new Channel<Digit>(100);
  #unmatched: readonly Press[] = [];

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  get stream(): AsyncIterable<Digit> {
    return this.#keys;
  }

  take(from: KeySource, digit: Digit): void {
    const at = this.#clock.monotonic();
    this.#unmatched = this.#unmatched.filter((press) => at - press.at < APART_MS);
    const same = this.#unmatched.find((press) => press.digit === digit && press.from !== from);
    if (same) {
      this.#unmatched = this.#unmatched.filter((press) => press !== same);
      return;
    }
    this.#unmatched = [...this.#unmatched, { digit, from, at }];
    this.#keys.push(digit);
  }

  close(): void {
    this.#keys.close();
  }
}
