import { randomUUID } from "node:crypto";
import type { Clock } from "@sitebox/core/kernel";
import type { TextReport } from "../../line/index.ts";
import type { StatusReport } from "../pdu/index.ts";
import { undeliveredReason } from "./refusals.ts";

/** References of 256 texts are in use at once at most; older ones than this are of texts that are long past. */
const MOST_TEXTS = 500;
/** Reports that came before the modem told the reference of their text: networks can be that fast. */
const EARLY_MS = 60_000;
const MOST_EARLY = 50;

interface Awaited {
  readonly reference: string;
  readonly to: string;
  /** References of parts (TP-MR) that have no report yet. */
  readonly open: number[];
  told: boolean;
}

/** Whether two ways of writing a number, with and without country code, are the same telephone. */
function sameNumber(one: string, other: string): boolean {
  const [a, b] = [one.replace(/^\+/, ""), other.replace(/^\+/, "")];
  const length = Math.min(a.length, b.length);
  if (length < 7) return a === b;
  return a.slice(-Math.min(length, 11)) === b.slice(-Math.min(length, 11));
}

/** Texts of which the network is to report. It outlives a modem's recovery where it is kept, as reports come hours later. */
export class AwaitedReports {
  readonly #clock: Clock;
  readonly #texts: Awaited[] = [];
  readonly #early: { readonly report: StatusReport; readonly until: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A text has been taken in these parts. Answers what its reports will be told by, and whether one is known already. */
  expect(to: string, parts: readonly number[]): { readonly reference: string; readonly settled: TextReport | undefined } {
    const text: Awaited = { reference: randomUUID(), to, open: [...parts], told: false };
    this.#texts.push(text);
    if (this.#texts.length > MOST_TEXTS) this.#texts.shift();
    const now = this.#clock.monotonic();
    let settled: TextReport | undefined;
    for (const early of this.#early.splice(0)) {
      // References come round again: an old one is another text's.
      if (early.until <= now) continue;
      if (!this.#belongs(text, early.report)) this.#early.push(early);
      else settled = this.#settle(text, early.report) ?? settled;
    }
    return { reference: text.reference, settled };
  }

  /** What a report means for the text it belongs to, once it is settled; undefined where there is nothing to tell. */
  take(report: StatusReport): TextReport | undefined {
    if (report.outcome === "trying") return undefined;
    // References wrap at 256: the newest text is meant.
    const text = this.#texts.findLast((one) => this.#belongs(one, report));
    if (text) return this.#settle(text, report);
    this.#early.push({ report, until: this.#clock.monotonic() + EARLY_MS });
    if (this.#early.length > MOST_EARLY) this.#early.shift();
    return undefined;
  }

  #belongs({ open, to }: Awaited, report: StatusReport): boolean {
    return open.includes(report.reference) && sameNumber(to, report.to);
  }

  /** A text is delivered when all its parts are, and failed as soon as one is. */
  #settle(text: Awaited, { reference, outcome, status, at = this.#clock.now() }: StatusReport): TextReport | undefined {
    text.open.splice(text.open.indexOf(reference), 1);
    if (text.open.length === 0) this.#texts.splice(this.#texts.indexOf(text), 1);
    if (text.told || (outcome === "delivered" && text.open.length > 0)) return undefined;
    text.told = true;
    if (outcome === "delivered") return { reference: text.reference, outcome, at };
    return { reference: text.reference, outcome: "failed", reason: undeliveredReason(status), at };
  }
}
