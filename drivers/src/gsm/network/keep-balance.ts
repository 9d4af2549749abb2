import type { Clock, Log } from "@sitebox/core/kernel";

/** After a start: a box that starts again and again must not spend a text each time. */
const FIRST_MS = 10 * 60_000;
/** After a question that was not answered. */
const AGAIN_MS = 60 * 60_000;
/** Timers of more than 24 days go off at once. */
const LONGEST_MS = 24 * 3_600_000;

export interface KeepBalanceDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** 0: never. */
  readonly everyMs: number;
  readonly signal: AbortSignal;
  ask(signal: AbortSignal): Promise<unknown>;
}

/** Asks what is left every so often, until the signal aborts, when it resolves. */
export async function keepBalance({ clock, log, everyMs, signal, ask }: KeepBalanceDeps): Promise<void> {
  let waitMs = Math.min(FIRST_MS, everyMs);
  while (everyMs > 0 && !signal.aborted) {
    try {
      for (let leftMs = waitMs; leftMs > 0; leftMs -= LONGEST_MS) await clock.sleep(Math.min(leftMs, LONGEST_MS), signal);
      await ask(signal);
      waitMs = everyMs;
    } catch (err) {
      if (signal.aborted) return;
      log.warn("the balance is not known", { err });
      waitMs = Math.min(AGAIN_MS, everyMs);
    }
  }
}
