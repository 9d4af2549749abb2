import type { Session } from "./session.ts";

/** At most one leg picks up what a dial rings; the ringing stops then. */
export class PickUp {
  readonly #stop = new AbortController();
  #leg: Session | undefined;

  get leg(): Session | undefined {
    return this.#leg;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  take = (leg: Session): boolean => {
    if (this.#leg) return false;
    this.#leg = leg;
    this.#stop.abort();
    return true;
  };
}
