import type { Clock } from "../kernel/index.ts";

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/** A clock that moves only when told to: every timer of a test runs in order and at once. */
export class VirtualClock implements Clock {
  #now: number;
  /** By how much the wall clock was put right since the start. */
  #correctedMs = 0;
  readonly #timers = new Set<Timer>();

  constructor(startAt = 1_700_000_000_000) {
    this.#now = startAt;
  }

  /** How many timers are waiting: zero after a machine has ended, or it leaks. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now + this.#correctedMs;
  }

  monotonic(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = this.after(ms, resolve);
      signal?.addEventListener("abort", () => {
        timer[Symbol.dispose]();
        reject(signal.reason);
      });
    });
  }

  after(ms: number, task: () => void): Disposable {
    const timer = { at: this.#now + ms, task };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  /** The wall clock jumps to `at`, as when a dead clock is put right by the network; no time passes by it. */
  correct(at: number): void {
    this.#correctedMs = at - this.#now;
  }

  /** Runs every timer due within `ms` in the order of their times, letting promises settle after each. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await settle();
      let due: Timer | undefined;
      for (const timer of this.#timers) if (timer.at <= until && (!due || timer.at < due.at)) due = timer;
      if (!due) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.task();
    }
    this.#now = until;
    await settle();
  }
}

/** Lets everything that waits on resolved promises run. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
