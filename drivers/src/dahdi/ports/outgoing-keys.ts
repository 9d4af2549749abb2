import type { Digit } from "../../line/index.ts";

/** Keys pressed in a call. Cards forget what they are dialling when they are given more, so keys wait for those before. */
export class OutgoingKeys {
  readonly #dial: (keys: string) => Promise<boolean>;
  #waiting = "";
  #pressing = false;

  /** `dial` gives keys to the card, and resolves whether it took them. */
  constructor(dial: (keys: string) => Promise<boolean>) {
    this.#dial = dial;
  }

  /** Whether the card is sending keys now. */
  get pressing(): boolean {
    return this.#pressing;
  }

  press(digits: readonly Digit[]): void {
    this.#waiting += digits.join("");
    this.#next();
  }

  /** The card has sent what it was given. */
  sent(): void {
    this.#pressing = false;
    this.#next();
  }

  /** The call is another, or over. */
  forget(): void {
    this.#waiting = "";
    this.#pressing = false;
  }

  #next(): void {
    if (this.#pressing || this.#waiting === "") return;
    this.#pressing = true;
    const keys = this.#waiting;
    this.#waiting = "";
    void this.#dial(keys).then((taken) => {
      if (!taken) this.#pressing = false;
    });
  }
}
