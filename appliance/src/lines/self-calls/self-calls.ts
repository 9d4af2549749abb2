import type { SelfCall, SelfCallConfig } from "@sitebox/core/contract";
import { type Clock, type Log, supervise } from "@sitebox/core/kernel";
import type { Leg } from "@sitebox/drivers/line";
import type { BoxDatabase } from "../../db/index.ts";
import type { Lines } from "../lines.ts";
import { chooseLine, isFull } from "./choice.ts";
import { callOnce, type OneCallResult } from "./one-call.ts";
import { isFrom } from "./our-call.ts";
import { SelfCallResults } from "./results.ts";

export interface SelfCallsDeps {
  readonly db: BoxDatabase;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: SelfCallConfig;
  /** Of the site, as in Asia/Shanghai. */
  readonly timeZone: string;
  readonly lines: Pick<Lines, "states" | "find" | "limited" | "price">;
  /** The numbers that a line owns. */
  numbersOf(line: string): readonly string[];
  /** Told after each call that was not broken off. */
  onResult(line: string): void;
}

/** What came of asking for calls now. */
export type SelfCalled =
  | { readonly type: "called"; readonly calls: readonly SelfCall[] }
  | { readonly type: "not-called"; readonly reason: string };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A line that is in use is asked again within its hour. */
const LOOK_EVERY_MS = 10 * 60_000;
/** A network takes a moment to see that a call is over, and lines rest between calls, usually so long. */
const REST_MS = 3_000;

/** The call that is being made, or is about to be. */
interface Running {
  readonly line: string;
  readonly by: string;
  readonly stop: AbortController;
  readonly arrived: PromiseWithResolvers<Leg | undefined>;
  readonly over: Promise<unknown>;
  /** It has come in. */
  came: boolean;
}

class GivenWay extends Error {
  override name = "GivenWay";
}

/**
 * Calls the box's own numbers, each by another line, answers itself and measures whether each end hears the other. One at a time, never on a line
 * that is in use; whoever else calls or dials has the line at once.
 */
export class SelfCalls implements AsyncDisposable {
  readonly #deps: SelfCallsDeps;
  readonly #log: Log;
  readonly #results: SelfCallResults;
  readonly #stopping = new AbortController();
  readonly #hour: Intl.DateTimeFormat;
  #running: Running | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #job: Promise<void> | undefined;

  constructor(deps: SelfCallsDeps) {
    this.#deps = deps;
    this.#log = deps.log.child("self-calls");
    this.#results = new SelfCallResults(deps.db);
    this.#hour = new Intl.DateTimeFormat("en-GB", { timeZone: deps.timeZone, hour: "2-digit", hourCycle: "h23" });
  }

  /** Reads how calls before went. */
  load(): Promise<void> {
    return this.#results.load();
  }

  /** Begins to call by itself. */
  start(): void {
    const { clock, config } = this.#deps;
    if (config.everyDays === 0) return;
    const { signal } = this.#stopping;
    const run = async () => {
      for (;;) {
        await clock.sleep(LOOK_EVERY_MS, signal);
        await this.#round();
      }
    };
    this.#job = supervise("self calls", run, { clock, log: this.#log, signal });
  }

  /** How the last call to each of the line's numbers went. */
  of(line: string): readonly SelfCall[] {
    return this.#results.of(line, this.#deps.numbersOf(line));
  }

  /**
   * Calls the line's numbers now, one after the other, as far as that goes. Where none could be called the reason is told: a line in use, a call
   * that was broken off for somebody's.
   */
  async call(line: string): Promise<SelfCalled> {
    const calls: SelfCall[] = [];
    let reason = "the line has no number of its own";
    for (const number of this.#deps.numbersOf(line)) {
      if (calls.length > 0) await this.#deps.clock.sleep(REST_MS, this.#stopping.signal).catch(() => undefined);
      const called = await this.#next(line, number);
      if (!("result" in called)) {
        reason = called.reason;
        break;
      }
      calls.push(called);
    }
    return calls.length > 0 ? { type: "called", calls } : { type: "not-called", reason };
  }

  /** Takes a call that comes in and is the one that we make. Any other on a line that is in our use has the line to itself from now on. */
  takes(leg: Leg): boolean {
    const running = this.#running;
    if (!running || leg.line === undefined || running.stop.signal.aborted) return false;
    const { line, by, arrived, stop } = running;
    if (leg.line === line && !running.came && isFrom(leg.remote, this.#deps.numbersOf(by))) {
      running.came = true;
      arrived.resolve(leg);
      return true;
    }
    if (leg.line === line && !running.came && leg.remote === "") arrived.resolve(undefined);
    else if (leg.line === line || leg.line === by) stop.abort(new GivenWay("somebody called"));
    return false;
  }

  /** Somebody calls on a line that is busy: true where it is in our use, which ends for him. */
  callWaits(line: string): boolean {
    const running = this.#running;
    if (!running || (running.line !== line && running.by !== line)) return false;
    running.stop.abort(new GivenWay("somebody called"));
    return true;
  }

  /** Somebody dials by one of these lines: a full one that is in our use is freed. Resolves when it is. */
  async giveWay(lines: readonly string[]): Promise<void> {
    const running = this.#running;
    if (!running) return;
    const wanted = this.#deps.lines.states().filter(({ name }) => lines.includes(name));
    if (!wanted.some((state) => isFull(state) && (state.name === running.line || state.name === running.by))) return;
    running.stop.abort(new GivenWay("somebody dialled"));
    await running.over;
  }

  /** The line is no more. Never rejects. */
  async forget(line: string): Promise<void> {
    await this.#results
      .forget(line)
      .catch((err: unknown) => this.#log.error("how a line was called could not be deleted", { line, err }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new GivenWay("the box stops"));
    await this.#job;
    await this.#turn;
  }

  /** Calls what is due, where this is the hour for it. */
  async #round(): Promise<void> {
    const { clock, config, lines, numbersOf } = this.#deps;
    const { signal } = this.#stopping;
    if (Number(this.#hour.format(clock.now())) !== config.atHour) return;
    // Half a day early: a call that took a while does not put the next one off by a day.
    const dueBefore = clock.now() - config.everyDays * DAY_MS + DAY_MS / 2;
    for (const { name, state } of lines.states()) {
      if (state !== "up" || config.except.includes(name)) continue;
      for (const number of numbersOf(name)) {
        const last = this.#results.of(name, [number])[0];
        if (signal.aborted || (last && last.at > dueBefore)) continue;
        const called = await this.#next(name, number);
        if (!("result" in called)) this.#log.info("a line does not call itself now", { line: name, reason: called.reason });
        await clock.sleep(REST_MS, signal);
      }
    }
  }

  /** One call after the other, whoever wants it. */
  #next(line: string, number: string): Promise<SelfCall | { readonly reason: string }> {
    const called = this.#turn.then(() => this.#call(line, number));
    this.#turn = called.catch(() => {});
    return called;
  }

  async #call(line: string, number: string): Promise<SelfCall | { readonly reason: string }> {
    const { clock, lines, numbersOf } = this.#deps;
    if (this.#stopping.signal.aborted) return { reason: "the box stops" };
    const choice = chooseLine({ name: line, number }, lines, numbersOf);
    if (choice.type === "none") return { reason: choice.reason };
    if (choice.type === "in-use") return { reason: "the line, or those that could call it, are in use" };
    const { by } = choice;
    let result: OneCallResult;
    try {
      result = await this.#made(line, number, by);
    } catch (error) {
      if (error instanceof GivenWay) return { reason: `it was broken off: ${error.message}` };
      this.#log.error("a line broke while it called another", { line, by, err: error });
      result = { result: "not-rung", reason: "the line that called broke" };
    }
    const call: SelfCall = { number, at: clock.now(), by, ...result };
    this.#log.info("a line was called by another", { line, by, result: result.result, reason: result.reason });
    await this.#results
      .put(line, call)
      .catch((err: unknown) => this.#log.error("how a line was called could not be written", { line, err }));
    this.#deps.onResult(line);
    return call;
  }

  async #made(line: string, number: string, by: string): Promise<OneCallResult> {
    const { clock, lines, numbersOf } = this.#deps;
    const stop = new AbortController();
    const arrived = Promise.withResolvers<Leg | undefined>();
    const over = Promise.withResolvers<void>();
    this.#running = { line, by, stop, arrived, over: over.promise, came: false };
    const [callerNumber = ""] = numbersOf(by);
    try {
      return await callOnce({
        clock,
        dial: async (options) => {
          const caller = lines.find(by);
          return caller ? caller.dial(number, { ...options, callerNumber }) : { type: "unreachable", reason: "the line is gone" };
        },
        arrived: arrived.promise,
        signal: AbortSignal.any([stop.signal, this.#stopping.signal]),
      });
    } finally {
      this.#running = undefined;
      // A call that came when it was all over.
      arrived.resolve(undefined);
      await (await arrived.promise)?.hangup("normal");
      over.resolve();
    }
  }
}
