import type { Clock } from "@sitebox/core/kernel";
import { Recent } from "./recent.ts";

const MAX_SOURCES = 10_000;

interface Bucket {
  readonly left: number;
  readonly at: number;
}

/** A token bucket for each source: so many messages a second, and at most a second's worth at once. */
export class Buckets {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #buckets = new Recent<Bucket>(MAX_SOURCES);

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
  }

  /** Whether one more message is within measure; counts it. */
  take(source: string): boolean {
    const now = this.#clock.monotonic();
    const { left, at } = this.#buckets.get(source) ?? { left: this.#perSecond, at: now };
    const full = Math.min(this.#perSecond, left + ((now - at) * this.#perSecond) / 1_000);
    const taken = full >= 1;
    this.#buckets.set(source, { left: taken ? full - 1 : full, at: now });
    return taken;
  }
}
