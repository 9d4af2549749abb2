import type { Clock } from "../kernel/index.ts";

export interface ThrottleLimits {
  /** So many failures cost nothing. */
  readonly free: number;
  /** The wait after the next one; it doubles with every further failure. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** Without an attempt for so long, all is forgotten. */
  readonly forgetMs: number;
}
/** A name can be blocked by anybody who knows it, so its wait stays short. */
export const nameLimits: ThrottleLimits = { free: 5, firstMs: 2_000, maxMs: 60_000, forgetMs: 900_000 };
/** Many people share an address behind one router; a machine that guesses is slowed down all the same. */
export const addressLimits: ThrottleLimits = { free: 20, firstMs: 2_000, maxMs: 900_000, forgetMs: 3_600_000 };

const MAX_KEYS = 10_000;

/** Counts failures by key and says how long the next attempt has to wait. Bounded: the key untouched for longest goes first. */
export class Throttle {
  readonly #clock: Clock;
  readonly #limits: ThrottleLimits;
  readonly #failures = new Map<string, { count: number; until: number; touched: number }>();

  constructor(clock: Clock, limits: ThrottleLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Milliseconds until `key` may try again; 0 is now. */
  waitMs(key: string): number {
    const entry = this.#failures.get(key);
    return entry ? Math.max(0, Math.ceil(entry.until - this.#clock.monotonic())) : 0;
  }

  /** Counts an attempt before it is made, so that many at once do not pass together. */
  count(key: string): void {
    const now = this.#clock.monotonic();
    const known = this.#failures.get(key);
    const count = known && now - known.touched < this.#limits.forgetMs ? known.count + 1 : 1;
    const { free, firstMs, maxMs } = this.#limits;
    const wait = count < free ? 0 : Math.min(maxMs, firstMs * 2 ** Math.min(count - free, 20));
    this.#failures.delete(key);
    this.#failures.set(key, { count, until: now + wait, touched: now });
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size <= MAX_KEYS) break;
      this.#failures.delete(oldest);
    }
  }

  /** The attempt succeeded. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Takes one counted attempt back: it succeeded, but others of the same key did not. */
  forgive(key: string): void {
    const entry = this.#failures.get(key);
    if (!entry) return;
    if (entry.count <= 1) this.#failures.delete(key);
    else this.#failures.set(key, { ...entry, count: entry.count - 1, until: this.#clock.monotonic() });
  }
}
