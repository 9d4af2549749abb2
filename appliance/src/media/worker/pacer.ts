/** One frame, one slot: 20 ms. */
export const SLOT_MS = 20;

/** The slots that have become due; more than one where the thread was kept from running. */
export interface DueSlots {
  readonly from: number;
  readonly to: number;
}

/**
 * Counts 20 ms slots by absolute deadlines on a monotonic clock: slot n is due at `startedAt + n · 20 ms`, whatever was late before it,
 * so nothing drifts. Slots that were slept through are reported once, together; the sender skips them and never bursts.
 */
export class Pacer {
  readonly #startedAt: number;
  #next = 0;

  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  /** The slot that will be due next. */
  get next(): number {
    return this.#next;
  }

  /** Takes the slots due at `now`, or nothing when it is too early. */
  due(now: number): DueSlots | undefined {
    const to = Math.floor((now - this.#startedAt) / SLOT_MS);
    if (to < this.#next) return undefined;
    const from = this.#next;
    this.#next = to + 1;
    return { from, to };
  }

  /** How long from `now` until the next slot is due, in ms. */
  waitMs(now: number): number {
    return Math.max(0, this.#startedAt + this.#next * SLOT_MS - now);
  }
}
