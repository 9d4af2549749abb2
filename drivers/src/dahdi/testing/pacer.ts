import type { Clock } from "@sitebox/core/kernel";

const FRAME_MS = 20;

/** Calls `tick` 50 times a second, without drift, until the result is disposed. */
export function pace(clock: Clock, tick: () => void): Disposable {
  let nextAt = clock.monotonic();
  let timer: Disposable | undefined;
  let over = false;
  const step = () => {
    tick();
    if (over) return;
    nextAt += FRAME_MS;
    timer = clock.after(Math.max(0, nextAt - clock.monotonic()), step);
  };
  timer = clock.after(0, step);
  return {
    [Symbol.dispose]() {
      over = true;
      timer?.[Symbol.dispose]();
    },
  };
}
