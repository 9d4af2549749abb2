import { setTimeout as wait } from "node:timers/promises";

/** Every timer goes through a Clock, so tests own time. */
export interface Clock {
  /** Wall clock, epoch ms. May jump; use it only for instants that people read. */
  now(): number;
  /** Monotonic ms since an arbitrary origin, with fractions. Use it for every duration and deadline. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Runs `task` once after `ms`; disposing cancels it. */
  after(ms: number, task: () => void): Disposable;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => wait(ms, undefined, signal ? { signal } : {}),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
