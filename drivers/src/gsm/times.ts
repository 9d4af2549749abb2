import type { Backoff } from "@sitebox/core/kernel";
import { type AtTimes, usualAtTimes } from "./at/index.ts";

/** Times of a GSM line, ms. */
export interface GsmTimes extends AtTimes {
  /** What a port may take to say that it speaks AT. */
  readonly probeMs: number;
  /** How long a SIM may be busy after its modem has started. */
  readonly simWaitMs: number;
  /** Between two looks for what may come any moment: the registration, a stated port, a port that another line tries. */
  readonly searchMs: number;
  /** Between two looks at registration, signal and SIM: a modem that hangs is noticed by it. */
  readonly pollMs: number;
  /** Between two tries to get a modem back. */
  readonly backoff: Backoff;
  /** A modem that was up this long had recovered: the next trouble begins with the shortest wait again. */
  readonly healthyAfterMs: number;
  /** A modem that said another IMEI than the line's is asked again after this, should its socket hold another one by then. */
  readonly lookAgainMs: number;
  /** So many times in a row without an answer, and the modem's socket is switched off and on. */
  readonly powerCycleAfter: number;
}

export const usualGsmTimes: GsmTimes = {
  ...usualAtTimes,
  pingMs: 3_000,
  probeMs: 3_000,
  simWaitMs: 20_000,
  searchMs: 2_000,
  pollMs: 10_000,
  backoff: { firstMs: 1_000, maxMs: 60_000 },
  healthyAfterMs: 30_000,
  lookAgainMs: 60_000,
  powerCycleAfter: 3,
};
