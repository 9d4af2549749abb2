import type { Log } from "@sitebox/core/kernel";
import type { LineState } from "./trunk.ts";

/** How a line was last told to stand, and those who hear of its changes. */
export class StateHolder {
  readonly #log: Log;
  readonly #listeners = new Set<(state: LineState) => void>();
  #state: LineState;

  constructor(state: LineState, log: Log) {
    this.#state = state;
    this.#log = log;
  }

  get state(): LineState {
    return this.#state;
  }

  /** Hears of every change until the result is disposed. */
  onChanged(listener: (state: LineState) => void): Disposable {
    // One that is given twice is two.
    const own = (state: LineState) => listener(state);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  /** Tells how it stands now, where that is new; a listener that fails is logged and harms nobody. @returns whether it was new */
  become(state: LineState): boolean {
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return false;
    this.#state = state;
    for (const listener of [...this.#listeners]) {
      try {
        listener(state);
      } catch (err) {
        this.#log.error("a listener to a line's state failed", { line: state.name, err });
      }
    }
    return true;
  }

  /** Nobody hears of it any more. */
  clear(): void {
    this.#listeners.clear();
  }
}
