import type { Clock } from "@sitebox/core/kernel";
import { Recent } from "./recent.ts";

const WINDOW_MS = 60_000;
/** Wrong passwords a minute for one name from one source, and for all names from it. */
const MAX_FOR_NAME = 5;
const MAX_FOR_SOURCE = 20;
const MAX_REMEMBERED = 10_000;

interface Count {
  readonly since: number;
  readonly failures: number;
}

/**
 * Slows down who tries passwords, also where nobody is banned. A name that once answered rightly from a source is only held to its own
 * count there, so that one phone with a wrong password does not lock out the others behind the same router.
 */
export class Throttle {
  readonly #clock: Clock;
  readonly #counts = new Recent<Count>(MAX_REMEMBERED);
  readonly #known = new Recent<true>(MAX_REMEMBERED);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether nothing more is to be answered for now. */
  blocked(source: string, name: string): boolean {
    const pair = `${source}|${name}`;
    if (this.#failures(pair) >= MAX_FOR_NAME) return true;
    return !this.#known.get(pair) && this.#failures(source) >= MAX_FOR_SOURCE;
  }

  failed(source: string, name: string): void {
    for (const key of [source, `${source}|${name}`]) {
      const failures = this.#failures(key);
      const since = failures === 0 ? this.#clock.monotonic() : (this.#counts.get(key)?.since ?? 0);
      this.#counts.set(key, { since, failures: failures + 1 });
    }
  }

  succeeded(source: string, name: string): void {
    const pair = `${source}|${name}`;
    this.#counts.delete(pair);
    this.#known.set(pair, true);
  }

  #failures(key: string): number {
    const count = this.#counts.get(key);
    return count && this.#clock.monotonic() - count.since < WINDOW_MS ? count.failures : 0;
  }
}
