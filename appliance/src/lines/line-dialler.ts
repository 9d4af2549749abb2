import type { Clock, Log } from "@sitebox/core/kernel";
import type { DialOptions, DialOutcome, Trunk } from "@sitebox/drivers/line";
import type { Dialled, Dialler, LineListeners, Numbers, Target } from "../calls/plan/index.ts";
import { type Attempt, emergencyOrder, type LineFacts, lineOrder } from "./line-order.ts";
import type { Lines } from "./lines.ts";

export interface LineDiallerDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly extensions: Pick<Trunk, "dial">;
  readonly lines: Lines;
  readonly numbers: Pick<Numbers, "wayOf" | "isEmergency">;
  /** A person can have none of these lines: what the box does on them for itself ends now. Resolves when it has. */
  giveWay?(lines: readonly string[]): Promise<void>;
  /**
   * Somebody calls for help and these lines are in use: ends the least important call on them. Resolves with the line that was freed, undefined
   * where none could be.
   */
  makeRoom?(lines: readonly string[]): Promise<string | undefined>;
  /** Told of every target before it is rung. */
  readonly rang?: (target: Target) => void;
}

/**
 * Rings extensions at the box and outside numbers by the lines of their route in turn: the next one where a line is down,
 * full, at a limit or cannot reach the number, but not where the number was reached and is busy or does not answer.
 */
export class LineDialler implements Dialler {
  readonly #deps: LineDiallerDeps;

  constructor(deps: LineDiallerDeps) {
    this.#deps = deps;
  }

  async dial(target: Target, options: DialOptions & LineListeners): Promise<Dialled> {
    const { extensions, lines, numbers, rang, giveWay } = this.#deps;
    rang?.(target);
    const { onLine, onLineFailed, ...dialOptions } = options;
    const { number } = target;
    if (target.type === "extension") return extensions.dial(number, dialOptions);
    const listeners: LineListeners = { ...(onLine && { onLine }), ...(onLineFailed && { onLineFailed }) };
    if (numbers.isEmergency(number)) {
      const trying = { attempts: emergencyOrder(lines.states()), number, goesOn: anyFailure };
      return this.#try(trying, { ...dialOptions, emergency: true }, listeners);
    }
    const way = numbers.wayOf(number);
    if (!way) return { type: "unreachable", reason: "no route goes there" };
    const facts: LineFacts = {
      limited: (name) => lines.limited(name),
      ...(way.order === "cheapest" && { price: (name: string) => lines.price(name, way.dialled) }),
    };
    const order = () => lineOrder(way.lines, lines.states(), facts);
    let attempts = order();
    if (giveWay && attempts.every(({ skip }) => skip !== undefined)) {
      await giveWay(attempts.map(({ line }) => line));
      attempts = order();
    }
    return this.#try({ attempts, number: way.dialled, goesOn: notReached }, dialOptions, listeners);
  }

  async #try(
    { attempts, number, goesOn }: Trying,
    options: DialOptions,
    { onLine, onLineFailed }: LineListeners,
  ): Promise<Dialled> {
    const waiting = [...attempts];
    let last: Dialled = { type: "unreachable", reason: "there is no line to the outside" };
    for (let attempt = waiting.shift(); attempt; attempt = waiting.shift()) {
      if (options.signal.aborted) return { type: "no-answer" };
      if (attempt.full) attempt = await this.#withRoom(attempt, waiting);
      const { line, skip } = attempt;
      if (skip === undefined) onLine?.(line);
      const outcome =
        skip === undefined ? await this.#heard(attempt, number, options) : ({ type: "unreachable", reason: skip } as const);
      if (outcome === "silent") {
        const behind = waiting.findIndex(({ heardWithinMs }) => heardWithinMs === undefined);
        waiting.splice(behind < 0 ? waiting.length : behind, 0, { line });
        onLineFailed?.(line, "nothing was heard of it");
        continue;
      }
      last = { ...outcome, line };
      if (outcome.type === "answered" || options.signal.aborted || !goesOn(outcome)) return last;
      onLineFailed?.(line, outcome.type === "unreachable" ? outcome.reason : outcome.type);
    }
    return last;
  }

  /** The full line that was freed, in place of the first of them. Where none could be, it is tried as it is: its far end may have room. */
  async #withRoom(first: Attempt, waiting: Attempt[]): Promise<Attempt> {
    const full = [first, ...waiting.filter((attempt) => attempt.full)];
    const freed = await this.#deps.makeRoom?.(full.map(({ line }) => line));
    const attempt = full.find(({ line }) => line === freed);
    if (!attempt || attempt === first) return first;
    waiting.splice(waiting.indexOf(attempt), 1, first);
    return attempt;
  }

  /** Dials, and gives up where nothing is heard of the call in time. */
  async #heard({ line, heardWithinMs }: Attempt, number: string, options: DialOptions): Promise<DialOutcome | "silent"> {
    if (heardWithinMs === undefined) return this.#dialBy(line, number, options);
    const silence = new AbortController();
    using timer = this.#deps.clock.after(heardWithinMs, () => silence.abort());
    const outcome = await this.#dialBy(line, number, {
      ...options,
      signal: AbortSignal.any([options.signal, silence.signal]),
      onProgress: (progress) => {
        timer[Symbol.dispose]();
        options.onProgress?.(progress);
      },
    });
    return silence.signal.aborted && outcome.type !== "answered" ? "silent" : outcome;
  }

  /** A line that breaks is one that does not reach the number: the next one may. */
  async #dialBy(name: string, number: string, options: DialOptions): Promise<DialOutcome> {
    const line = this.#deps.lines.find(name);
    if (!line) return { type: "unreachable", reason: "there is no such line" };
    try {
      return await line.dial(number, options);
    } catch (err) {
      this.#deps.log.error("a line broke while it was dialling", { line: name, err });
      return { type: "unreachable", reason: "the line broke" };
    }
  }
}

interface Trying {
  readonly attempts: readonly Attempt[];
  /** As the line gets it. */
  readonly number: string;
  /** Whether the next line is tried after this. */
  readonly goesOn: (outcome: DialOutcome) => boolean;
}

const anyFailure = () => true;
const notReached = ({ type }: DialOutcome) => type === "unreachable";
