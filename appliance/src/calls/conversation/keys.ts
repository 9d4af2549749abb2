import type { Clock } from "@sitebox/core/kernel";
import type { Digit } from "@sitebox/drivers/line";

/** What keys pressed during a conversation mean. */
export type Keyed =
  /** Not ours: the far end is to have them. */
  | { readonly type: "pass"; readonly digits: readonly Digit[] }
  /** The code alone, while a consultation is up. */
  | { readonly type: "code" }
  | { readonly type: "number"; readonly number: string };

/** Keys of a code follow each other within this time. */
const CODE_MS = 2_000;
/** A number is complete after this pause, or with the hash key. */
const NUMBER_MS = 4_000;

/** Tells the consultation code and the number behind it from keys that are meant for the far end. */
export class ConsultKeys implements Disposable {
  readonly #clock: Clock;
  readonly #code: string;
  readonly #keyed: (keyed: Keyed) => void;
  /** Whether the code alone is enough now. */
  readonly #bare: () => boolean;
  #held: Digit[] = [];
  #number: string | undefined;
  #timer: Disposable | undefined;

  constructor(clock: Clock, code: string, bare: () => boolean, keyed: (keyed: Keyed) => void) {
    this.#clock = clock;
    this.#code = code;
    this.#bare = bare;
    this.#keyed = keyed;
  }

  press(digit: Digit): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#number !== undefined) {
      this.#dial(digit);
      return;
    }
    this.#held.push(digit);
    const held = this.#held.join("");
    if (held === this.#code) {
      this.#held = [];
      if (this.#bare()) {
        this.#keyed({ type: "code" });
        return;
      }
      this.#number = "";
      this.#wait(NUMBER_MS);
    } else if (this.#code.startsWith(held)) this.#wait(CODE_MS);
    else this.#pass();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #dial(digit: Digit): void {
    if (digit === "#") {
      this.#done();
      return;
    }
    this.#number += digit;
    this.#wait(NUMBER_MS);
  }

  #wait(ms: number): void {
    this.#timer = this.#clock.after(ms, () => (this.#number === undefined ? this.#pass() : this.#done()));
  }

  #done(): void {
    const number = this.#number ?? "";
    this.#number = undefined;
    if (number !== "") this.#keyed({ type: "number", number });
  }

  #pass(): void {
    const digits = this.#held;
    this.#held = [];
    if (digits.length > 0) this.#keyed({ type: "pass", digits });
  }
}
