import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";
import { type Backoff, backoffMs } from "./retry.ts";

export interface SuperviseOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** A run that lasted this long counts as healthy and starts the backoff anew. */
  readonly healthyAfterMs?: number;
  readonly backoff?: Backoff;
}

/**
 * The only place that restarts anything: runs `run` until the signal aborts, again after each end or failure.
 * Resolves when the signal has aborted and the last run has ended.
 */
export async function supervise(
  name: string,
  run: (signal: AbortSignal) => Promise<void>,
  { clock, log, signal, healthyAfterMs = 30_000, backoff }: SuperviseOptions,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const startedAt = clock.monotonic();
    try {
      await run(signal);
      if (!signal.aborted) log.warn("a supervised job ended, starting it again", { job: name });
    } catch (err) {
      if (!signal.aborted) log.error("a supervised job failed, starting it again", { job: name, failures, err });
    }
    failures = clock.monotonic() - startedAt >= healthyAfterMs ? 0 : failures + 1;
    await clock.sleep(backoffMs(failures, backoff), signal).catch((reason: unknown) => {
      if (!signal.aborted) throw reason;
    });
  }
}
