import type { Clock } from "./clock.ts";

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** Full-jitter exponential backoff: a random wait up to `firstMs · 2^failures`, at most `maxMs`. */
export function backoffMs(failures: number, { firstMs, maxMs }: Backoff = { firstMs: 200, maxMs: 30_000 }): number {
  const ceiling = Math.min(maxMs, firstMs * 2 ** Math.min(failures, 20));
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}

/** Runs `attempt` up to `times`; the last failure is thrown. */
export async function retry<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  options: { readonly clock: Clock; readonly signal: AbortSignal; readonly times: number; readonly backoff?: Backoff },
): Promise<T> {
  for (let failures = 0; ; failures++) {
    options.signal.throwIfAborted();
    try {
      return await attempt(options.signal);
    } catch (error) {
      if (failures + 1 >= options.times) throw error;
    }
    await options.clock.sleep(backoffMs(failures, options.backoff), options.signal);
  }
}
