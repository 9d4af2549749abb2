import type { Clock } from "@sitebox/core/kernel";
import type { DialogEvent } from "../dialog/index.ts";
import { stepTurn, type TurnEvent, type TurnPlan, type TurnState } from "./turn.ts";

/** The sound of one exchange: says it (again) until it is stopped. */
export interface ExchangeVoice {
  /** Resolves when the part that may not be interrupted is over. */
  sayNotice(): Promise<void>;
  /** Says the rest; resolves when it was said or stopped. */
  say(): Promise<"finished" | "stopped">;
  stop(): void;
}

/** Runs one {@link stepTurn} machine: carries out its effects and ends with what the dialog has to know. */
export class Exchange {
  readonly #clock: Clock;
  readonly #plan: TurnPlan;
  readonly #voice: ExchangeVoice;
  readonly #settled = Promise.withResolvers<DialogEvent>();
  #state: TurnState = { phase: "notice", early: "" };
  #timer: Disposable | undefined;

  constructor(clock: Clock, plan: TurnPlan, voice: ExchangeVoice) {
    this.#clock = clock;
    this.#plan = plan;
    this.#voice = voice;
  }

  /** Speaks, waits, and tells how it ended. */
  async run(): Promise<DialogEvent> {
    const speaking = this.#speak();
    const event = await this.#settled.promise;
    this.#voice.stop();
    await speaking;
    return event;
  }

  feed(event: TurnEvent): void {
    const { next, effects } = stepTurn(this.#state, event, this.#plan);
    this.#state = next;
    for (const effect of effects) {
      switch (effect.type) {
        case "flush":
          this.#voice.stop();
          break;
        case "arm":
          this.#timer?.[Symbol.dispose]();
          this.#timer = this.#clock.after(effect.ms, () => this.feed({ type: "timeout" }));
          break;
        case "disarm":
          this.#timer?.[Symbol.dispose]();
          break;
        case "replay":
          this.#sayRest().catch((error: unknown) => this.#settled.reject(error));
          break;
        case "settle":
          this.#settled.resolve(effect.event);
          break;
      }
    }
  }

  async #speak(): Promise<void> {
    try {
      await this.#voice.sayNotice();
      this.feed({ type: "notice-ended" });
      await this.#sayRest();
    } catch (error) {
      this.#settled.reject(error);
    }
  }

  async #sayRest(): Promise<void> {
    if (this.#state.phase !== "speaking") return;
    if ((await this.#voice.say()) === "finished") this.feed({ type: "played" });
  }
}
