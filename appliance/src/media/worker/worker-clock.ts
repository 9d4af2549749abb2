import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "@sitebox/core/kernel";

/** The system's clock without the rest of the kernel: a worker that replaces a dead one loads as little as possible. */
export const workerClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => wait(ms, undefined, signal ? { signal } : {}),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
