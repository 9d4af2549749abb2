import type { CallLeg } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { DialProgress } from "@sitebox/drivers/line";
import type { OpenCall } from "../open-call.ts";
import type { Party } from "../party/index.ts";
import type { Dialled, Dialler, RingStep, Target } from "../plan/index.ts";
import { EarlySound, type EarlySoundDeps } from "./early-sound.ts";

export interface RingDeps extends EarlySoundDeps {
  readonly clock: Clock;
  readonly dialler: Dialler;
}

export interface RingOptions {
  readonly call: OpenCall;
  readonly steps: readonly RingStep[];
  /** Who is shown as calling. */
  readonly callerNumber: string;
  readonly callerName?: string;
  /** Those who hear how it rings. */
  readonly listeners: readonly Party[];
  readonly answerAtOnce?: boolean;
  readonly onRinging?: () => void;
}

export type Rung =
  | { readonly type: "answered"; readonly party: Party; readonly by: "target" | "pick-up" }
  | { readonly type: "busy" | "nobody" };

/** Rings one step of targets after the other until somebody answers, picks up, or it is given up. */
export class Ringing {
  readonly #deps: RingDeps;
  readonly #options: RingOptions;
  readonly #taken = Promise.withResolvers<Rung>();
  readonly #givenUp = new AbortController();
  readonly #lines = new Map<Target, string>();
  #targets: readonly Target[] = [];
  #over = false;

  constructor(deps: RingDeps, options: RingOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** The extensions that ring now. */
  get extensions(): readonly string[] {
    return this.#targets.flatMap((target) => (target.type === "extension" ? [target.number] : []));
  }

  /** The numbers that ring now. */
  get numbers(): readonly string[] {
    return this.#targets.map(({ number }) => number);
  }

  /** The lines to the outside by which it rings now. */
  get lines(): readonly string[] {
    return [...this.#lines.values()];
  }

  get call(): OpenCall {
    return this.#options.call;
  }

  /** Gives the call to somebody who picks it up elsewhere. False when it is no longer to be had. */
  take(party: Party, from: OpenCall): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.call.admit(party, from);
    this.#taken.resolve({ type: "answered", party, by: "pick-up" });
    return true;
  }

  /** Stops ringing: nobody is to have it. */
  giveUp(): void {
    if (this.#over) return;
    this.#over = true;
    this.#taken.resolve({ type: "nobody" });
  }

  async run(): Promise<Rung> {
    const { call, listeners, onRinging } = this.#options;
    const early = new EarlySound(this.#deps, call, listeners);
    const ringing = this.#ring(early, onRinging);
    const rung = await Promise.race([this.#taken.promise, ringing]);
    this.#over = true;
    this.#targets = [];
    this.#givenUp.abort();
    await early.stop();
    // Targets that are slow to learn that they need not ring any more do not make anybody wait.
    call.background(ringing);
    return rung;
  }

  async #ring(early: EarlySound, onRinging?: () => void): Promise<Rung> {
    let last: Rung = { type: "nobody" };
    for (const step of this.#options.steps) {
      if (this.#over) break;
      last = await this.#step(step, early, onRinging);
      if (last.type === "answered") return last;
    }
    return last;
  }

  async #step({ targets, ringMs }: RingStep, early: EarlySound, onRinging?: () => void): Promise<Rung> {
    const stop = new AbortController();
    using _timer = this.#deps.clock.after(ringMs, () => stop.abort());
    const signal = AbortSignal.any([stop.signal, this.#givenUp.signal]);
    this.#targets = targets;
    await early.next(targets.length === 1);
    const first = Promise.withResolvers<Rung>();
    const results = Promise.all(
      targets.map(async (target) => {
        const outcome = await this.#dial(target, signal, early, onRinging);
        if (typeof outcome === "string") return outcome;
        stop.abort();
        first.resolve({ type: "answered", party: outcome, by: "target" });
        return "answered";
      }),
    );
    this.call.background(results);
    const all = results.then(
      (ends): Rung => ({ type: ends.length > 0 && ends.every((end) => end === "busy") ? "busy" : "nobody" }),
    );
    // Awaited here: the timer lives as long as this step.
    return await Promise.race([first.promise, all]);
  }

  async #dial(
    target: Target,
    signal: AbortSignal,
    early: EarlySound,
    onRinging?: () => void,
  ): Promise<Party | "busy" | "nobody"> {
    const { call, callerNumber, callerName, answerAtOnce } = this.#options;
    let record: CallLeg = {
      id: crypto.randomUUID(),
      number: target.number,
      direction: "out",
      startedAt: this.#deps.clock.now(),
    };
    const onLine = (line: string) => {
      record = { ...record, line };
      this.#lines.set(target, line);
      call.timeline.add("decision", "dials by a line", { line });
    };
    call.saveLeg(record);
    let dialled: Dialled;
    try {
      dialled = await this.#deps.dialler.dial(target, {
        signal,
        callerNumber,
        ...(callerName !== undefined && { callerName }),
        ...(answerAtOnce && { answerAtOnce }),
        onProgress: (progress: DialProgress) => {
          if (signal.aborted) return;
          if (progress.type === "ringing") onRinging?.();
          else call.background(early.hear(progress.audio));
        },
        onLine,
        onLineFailed: (line, reason) => call.timeline.add("decision", "the line did not do", { line, reason }),
      });
    } catch (err) {
      call.log.error("somebody could not be rung", { err });
      dialled = { type: "unreachable", reason: "failed" };
    }
    this.#lines.delete(target);
    if (dialled.type === "answered") {
      const { leg } = dialled;
      const media = await early.release(leg.audio);
      const party = call.open(leg, {
        kind: target.type === "outside" || leg.line !== undefined ? "outside" : "extension",
        direction: "out",
        record,
        ...(media && { media }),
      });
      if (!this.#over && !signal.aborted) {
        this.#over = true;
        return party;
      }
      await party.hangup("normal");
      return "nobody";
    }
    const reason = dialled.type === "unreachable" ? dialled.reason : dialled.type;
    call.timeline.add("transfer", reason, { number: target.number });
    call.saveLeg({ ...record, endedAt: this.#deps.clock.now(), cause: dialled.type });
    return dialled.type === "busy" ? "busy" : "nobody";
  }
}
