import type { Clock } from "@sitebox/core/kernel";
import { type Acceptance, type AcceptanceEffect, type AcceptanceEvent, startAcceptance, stepAcceptance } from "./acceptance.ts";

/** Repeats one 2xx until it is acknowledged, given up or dropped. */
export class AcceptanceRunner implements Disposable {
  readonly #clock: Clock;
  readonly #send: () => void;
  readonly #giveUp: () => void;
  readonly #timers = new Map<"repeat" | "expired", Disposable>();
  #acceptance: Acceptance = startAcceptance.next;

  constructor(options: { readonly clock: Clock; readonly send: () => void; readonly giveUp: () => void }) {
    this.#clock = options.clock;
    this.#send = options.send;
    this.#giveUp = options.giveUp;
  }

  begin(): void {
    this.#perform(startAcceptance.effects);
  }

  acknowledge(): void {
    this.#take({ type: "acknowledged" });
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#timers.clear();
  }

  #take(event: AcceptanceEvent): void {
    const { next, effects } = stepAcceptance(this.#acceptance, event);
    this.#acceptance = next;
    if (next.state !== "waiting") this[Symbol.dispose]();
    this.#perform(effects);
  }

  #perform(effects: readonly AcceptanceEffect[]): void {
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
