import type { Clock } from "@sitebox/core/kernel";
import { type Repetition, type RepetitionEffect, type RepetitionEvent, startRepetition, stepRepetition } from "./repetition.ts";

/** Repeats one response until it is acknowledged, given up or dropped. */
export class RepetitionRunner implements Disposable {
  readonly #clock: Clock;
  readonly #send: () => void;
  readonly #giveUp: () => void;
  readonly #timers = new Map<"repeat" | "expired", Disposable>();
  readonly #effects: readonly RepetitionEffect[];
  #repetition: Repetition;

  constructor(options: {
    readonly clock: Clock;
    /** "final" where absent. */
    readonly response?: "final" | "provisional";
    readonly send: () => void;
    readonly giveUp: () => void;
  }) {
    const { next, effects } = startRepetition(options.response ?? "final");
    this.#repetition = next;
    this.#effects = effects;
    this.#clock = options.clock;
    this.#send = options.send;
    this.#giveUp = options.giveUp;
  }

  begin(): void {
    this.#perform(this.#effects);
  }

  acknowledge(): void {
    this.#take({ type: "acknowledged" });
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#timers.clear();
  }

  #take(event: RepetitionEvent): void {
    const { next, effects } = stepRepetition(this.#repetition, event);
    this.#repetition = next;
    if (next.state !== "waiting") this[Symbol.dispose]();
    this.#perform(effects);
  }

  #perform(effects: readonly RepetitionEffect[]): void {
    for (const effect of effects) {
      if (effect.type === "send") this.#send();
      else if (effect.type === "give-up") this.#giveUp();
      else this.#schedule(effect.type === "repeat-after" ? "repeat" : "expired", effect.afterMs);
    }
  }

  #schedule(type: "repeat" | "expired", afterMs: number): void {
    this.#timers.get(type)?.[Symbol.dispose]();
    this.#timers.set(
      type,
      this.#clock.after(afterMs, () => this.#take({ type })),
    );
  }
}
