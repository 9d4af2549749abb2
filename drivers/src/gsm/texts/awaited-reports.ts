import { randomUUID } from "node:crypto";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { TextReport } from "../../line/index.ts";
import type { StatusReport } from "../pdu/index.ts";
import { undeliveredReason } from "./refusals.ts";

/** References of 256 texts are in use at once at most; older ones than this are of texts that are long past. */
const MOST_TEXTS = 500;
/** Reports that came before the modem told the reference of their text: networks can be that fast. */
const EARLY_MS = 60_000;
const MOST_EARLY = 50;
/** A network keeps a text for a day, as we ask it to, and some do for three; after that its references are other texts'. */
const KEPT_MS = 3 * 86_400_000;

/** A text of which the network is to report. Personal data. */
export interface AwaitedText {
  /** What its reports will be told by. */
  readonly reference: string;
  readonly to: string;
  /** References of parts (TP-MR) that have no report yet. */
  readonly parts: readonly number[];
  /** What became of it is told; parts may still report. */
  readonly told: boolean;
  /** When it was sent, epoch ms. */
  readonly at: number;
}

/** What is awaited over a restart. */
export interface ReportMemory {
  /** The oldest first. */
  load(): Promise<readonly AwaitedText[]>;
  /** A text is new, or is as this says now. */
  keep(text: AwaitedText): Promise<void>;
  forget(reference: string): Promise<void>;
}

interface AwaitedReportsDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: nothing is awaited over a restart. */
  readonly memory?: ReportMemory | undefined;
}

/** Whether two ways of writing a number, with and without country code, are the same telephone. */
function sameNumber(one: string, other: string): boolean {
  const [a, b] = [one.replace(/^\+/, ""), other.replace(/^\+/, "")];
  const length = Math.min(a.length, b.length);
  if (length < 7) return a === b;
  return a.slice(-Math.min(length, 11)) === b.slice(-Math.min(length, 11));
}

/** Texts of which the network is to report. It outlives a modem's recovery, and with a memory a restart: reports come hours later. */
export class AwaitedReports implements AsyncDisposable {
  readonly #deps: AwaitedReportsDeps;
  readonly #texts: AwaitedText[] = [];
  readonly #early: { readonly report: StatusReport; readonly until: number }[] = [];
  #writing: Promise<unknown> = Promise.resolve();

  constructor(deps: AwaitedReportsDeps) {
    this.#deps = deps;
  }

  /** Takes over what was awaited before a restart. Never rejects: without its memory a line works all the same. */
  async load(): Promise<void> {
    const { clock, log, memory } = this.#deps;
    try {
      for (const text of (await memory?.load()) ?? []) {
        if (text.at + KEPT_MS > clock.now()) this.#texts.push(text);
        else this.#forget(text);
      }
    } catch (err) {
      log.warn("reports on texts that were sent before are not known", { err });
    }
  }

  /** All is written when it resolves. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
  }

  /** A text has been taken in these parts. Answers what its reports will be told by, and whether one is known already. */
  expect(to: string, parts: readonly number[]): { readonly reference: string; readonly settled: TextReport | undefined } {
    const { clock } = this.#deps;
    const reference = randomUUID();
    this.#put({ reference, to, parts: [...parts], told: false, at: clock.now() });
    for (const old of this.#texts.slice(0, -MOST_TEXTS)) this.#forget(old);
    for (const old of this.#texts.filter(({ at }) => at + KEPT_MS <= clock.now())) this.#forget(old);
    const now = clock.monotonic();
    let settled: TextReport | undefined;
    for (const early of this.#early.splice(0)) {
      // References come round again: an old one is another text's.
      if (early.until <= now) continue;
      const text = this.#texts.find((one) => one.reference === reference);
      if (!text || !this.#belongs(text, early.report)) this.#early.push(early);
      else settled = this.#settle(text, early.report) ?? settled;
    }
    return { reference, settled };
  }

  /** What a report means for the text it belongs to, once it is settled; undefined where there is nothing to tell. */
  take(report: StatusReport): TextReport | undefined {
    if (report.outcome === "trying") return undefined;
    // References wrap at 256: the newest text is meant.
    const text = this.#texts.findLast((one) => this.#belongs(one, report));
    if (text) return this.#settle(text, report);
    this.#early.push({ report, until: this.#deps.clock.monotonic() + EARLY_MS });
    if (this.#early.length > MOST_EARLY) this.#early.shift();
    return undefined;
  }

  #belongs({ parts, to }: AwaitedText, report: StatusReport): boolean {
    return parts.includes(report.reference) && sameNumber(to, report.to);
  }

  /** A text is delivered when all its parts are, and failed as soon as one is. */
  #settle(text: AwaitedText, report: StatusReport): TextReport | undefined {
    const { reference, told } = text;
    const { outcome, status, at = this.#deps.clock.now() } = report;
    const parts = text.parts.toSpliced(text.parts.indexOf(report.reference), 1);
    const tells = !told && (outcome !== "delivered" || parts.length === 0);
    if (parts.length > 0) this.#put({ ...text, parts, told: told || tells });
    else this.#forget(text);
    if (!tells) return undefined;
    if (outcome === "delivered") return { reference, outcome, at };
    return { reference, outcome: "failed", reason: undeliveredReason(status), at };
  }

  #put(text: AwaitedText): void {
    const at = this.#texts.findIndex(({ reference }) => reference === text.reference);
    if (at < 0) this.#texts.push(text);
    else this.#texts[at] = text;
    this.#write((memory) => memory.keep(text));
  }

  #forget({ reference }: AwaitedText): void {
    const at = this.#texts.findIndex((one) => one.reference === reference);
    if (at >= 0) this.#texts.splice(at, 1);
    this.#write((memory) => memory.forget(reference));
  }

  /** One after the other. What cannot be written is awaited until a restart only. */
  #write(change: (memory: ReportMemory) => Promise<void>): void {
    const { log, memory } = this.#deps;
    if (!memory) return;
    this.#writing = this.#writing
      .then(() => change(memory))
      .catch((err: unknown) => log.warn("that a report on a text is awaited could not be written", { err }));
  }
}
