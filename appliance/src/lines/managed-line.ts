import type { LineConfig } from "@sitebox/core/contract";
import { type Clock, type Log, retry, supervise } from "@sitebox/core/kernel";
import type { IncomingText, Leg, Line, LineDeps, LineState, TextReport } from "@sitebox/drivers/line";
import { TrafficRing } from "./traffic-ring.ts";

/** Opens a line of any kind. */
export type OpenLine = (config: LineConfig, deps: LineDeps) => Promise<Line>;

/** Who takes what comes by a line. */
export interface LineTakers {
  onCall(leg: Leg): void;
  /** The text is on disk when it resolves, and deleted by the line only then. A text that it rejects is given to it again. */
  onText(line: string, text: IncomingText): Promise<void>;
  onReport(line: string, report: TextReport): Promise<void>;
}

export interface ManagedLineDeps extends LineTakers {
  readonly clock: Clock;
  readonly log: Log;
  readonly open: OpenLine;
  onChanged(state: LineState): void;
}

/** A driver that cannot be opened is tried again, ever more seldom. */
const REOPEN = { firstMs: 5_000, maxMs: 300_000 };
const RETRY = { firstMs: 1_000, maxMs: 60_000 };

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** One line from its opening to its removal: opened, opened again when that failed, and closed. */
export class ManagedLine implements AsyncDisposable {
  readonly config: LineConfig;
  readonly traffic: TrafficRing;
  readonly #deps: ManagedLineDeps;
  readonly #log: Log;
  readonly #stopping = new AbortController();
  #line: Line | undefined;
  #failure: string | undefined;
  #living: Promise<void> | undefined;

  constructor(config: LineConfig, deps: ManagedLineDeps) {
    this.config = config;
    this.#deps = deps;
    this.#log = deps.log.child("line", { line: config.name });
    this.traffic = new TrafficRing(config, deps.clock);
  }

  /** The driver's line; undefined while it is not open. */
  get line(): Line | undefined {
    return this.#line;
  }

  get state(): LineState {
    if (this.#line) return { ...this.#line.state, name: this.config.name };
    const still = { name: this.config.name, calls: 0, maxCalls: 0 };
    return this.#failure === undefined
      ? { ...still, state: "starting" }
      : { ...still, state: "down", fault: "failed", reason: this.#failure };
  }

  start(): void {
    const { clock } = this.#deps;
    const options = { clock, log: this.#log, signal: this.#stopping.signal, backoff: REOPEN };
    this.#living ??= supervise("line", (signal) => this.#live(signal), options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#living;
  }

  async #live(signal: AbortSignal): Promise<void> {
    await using owned = new AsyncDisposableStack();
    const reading: Promise<void>[] = [];
    // Reading ends with the line, so the line is closed first.
    owned.defer(async () => void (await Promise.all(reading)));
    const line = owned.use(await this.#open());
    owned.use(line.onChanged(() => this.#changed()));
    owned.defer(() => {
      this.#line = undefined;
    });
    this.#line = line;
    this.#failure = undefined;
    this.#changed();
    const { onCall, onText, onReport } = this.#deps;
    const { name } = this.config;
    reading.push(this.#read("calls", line.incoming, async (leg) => onCall(leg), signal));
    if (line.texts)
      reading.push(
        this.#read("texts", line.texts.incoming, (text) => onText(name, text), signal),
        this.#read("reports", line.texts.reports, (report) => onReport(name, report), signal),
      );
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }

  async #open(): Promise<Line> {
    const { clock, open } = this.#deps;
    try {
      return await open(this.config, { clock, log: this.#log, onTraffic: this.traffic.take });
    } catch (error) {
      this.#failure = messageOf(error);
      this.#changed();
      throw error;
    }
  }

  async #read<T>(what: string, source: AsyncIterable<T>, take: (one: T) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    const patient = { clock, signal, times: Number.POSITIVE_INFINITY, backoff: RETRY };
    try {
      for await (const one of source) {
        const taking = async () => {
          try {
            await take(one);
          } catch (err) {
            this.#log.error("what came by a line could not be taken, it is tried again", { what, err });
            throw err;
          }
        };
        await retry(taking, patient);
      }
    } catch (err) {
      if (!signal.aborted) this.#log.error("a line cannot be read any more", { what, err });
    }
  }

  #changed(): void {
    if (!this.#stopping.signal.aborted) this.#deps.onChanged(this.state);
  }
}
