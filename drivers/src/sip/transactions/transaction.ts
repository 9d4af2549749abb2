import type { Clock } from "@sitebox/core/kernel";
import type { Step, TimerName, TransactionEffect, TransactionFault } from "./step.ts";

/** What a machine's effects do in the world. */
export interface Hands {
  send(): void;
  resend(): void;
  acknowledge(): void;
  deliver(): void;
  fail(fault: TransactionFault): void;
  /** The machine has ended: nothing of it may be reached any more. */
  ended(): void;
}

type TimerEffect = Extract<TransactionEffect, { timer: TimerName }>;
export type TimerEvent = { readonly type: "timer"; readonly timer: TimerName };

/** A machine that runs, whatever its states are. */
export interface Machine<Event> {
  readonly state: string;
  take(event: Event): void;
  drop(): void;
}

/** Runs one machine: keeps its state and its timers, and lets its effects out in their order. */
export class Transaction<State extends { readonly state: string }, Event> implements Machine<Event> {
  readonly #clock: Clock;
  readonly #step: (state: State, event: Event | TimerEvent) => Step<State, TransactionEffect>;
  readonly #hands: Hands;
  readonly #timers = new Map<TimerName, Disposable>();
  #state: State;

  constructor(options: {
    readonly clock: Clock;
    readonly step: (state: State, event: Event | TimerEvent) => Step<State, TransactionEffect>;
    readonly hands: Hands;
    readonly initial: State;
  }) {
    this.#clock = options.clock;
    this.#step = options.step;
    this.#hands = options.hands;
    this.#state = options.initial;
  }

  get state(): State["state"] {
    return this.#state.state;
  }

  /** Lets the first effects out. */
  begin(effects: readonly TransactionEffect[]): void {
    this.#run({ next: this.#state, effects });
  }

  take(event: Event | TimerEvent): void {
    this.#run(this.#step(this.#state, event));
  }

  /** Ends the machine without a word, at shutdown. */
  drop(): void {
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#timers.clear();
  }

  #run({ next, effects }: Step<State, TransactionEffect>): void {
    const ending = next.state === "terminated" && this.#state.state !== "terminated";
    this.#state = next;
    if (ending) {
      this.drop();
      this.#hands.ended();
    }
    // Timers before the rest: what the rest reaches may come back at once and stop them.
    for (const effect of effects) if (effect.type === "start" || effect.type === "stop") this.#schedule(effect);
    for (const effect of effects) if (effect.type !== "start" && effect.type !== "stop") this.#perform(effect);
  }

  #schedule(effect: TimerEffect): void {
    this.#timers.get(effect.timer)?.[Symbol.dispose]();
    this.#timers.delete(effect.timer);
    if (effect.type === "stop") return;
    const timer = this.#clock.after(effect.afterMs, () => {
      this.#timers.delete(effect.timer);
      this.take({ type: "timer", timer: effect.timer });
    });
    this.#timers.set(effect.timer, timer);
  }

  #perform(effect: Exclude<TransactionEffect, TimerEffect>): void {
    if (effect.type === "fail") this.#hands.fail(effect.fault);
    else this.#hands[effect.type]();
  }
}
