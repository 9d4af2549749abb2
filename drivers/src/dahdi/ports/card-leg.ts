import { Channel } from "@sitebox/core/kernel";
import type { Digit, HangupCause, Leg, LegFacts, LegRequest } from "../../line/index.ts";
import type { CardAudio } from "./card-audio.ts";

/** What a port does for its leg. */
export interface LegHands {
  progress(): void;
  /** Resolves when the hook is off. */
  answer(): Promise<void>;
  press(digits: readonly Digit[]): void;
  hangup(cause: HangupCause): void;
}

export interface LegNumbers {
  readonly remote: string;
  readonly dialled: string;
  readonly line: string | undefined;
  readonly facts: LegFacts;
}

/** The leg of a port of a card. The port ends it by {@link CardLeg.finish}. */
export class CardLeg implements Leg {
  readonly remote: string;
  readonly dialled: string;
  readonly line: string | undefined;
  readonly facts: LegFacts;
  readonly audio: CardAudio;
  readonly digits = new Channel<Digit>();
  readonly requests = new Channel<LegRequest>();
  readonly #hands: LegHands;
  readonly #ended = Promise.withResolvers<HangupCause>();
  #over = false;

  constructor(numbers: LegNumbers, hands: LegHands, audio: CardAudio) {
    this.remote = numbers.remote;
    this.dialled = numbers.dialled;
    this.line = numbers.line;
    this.facts = numbers.facts;
    this.audio = audio;
    this.#hands = hands;
  }

  get ended(): Promise<HangupCause> {
    return this.#ended.promise;
  }

  async progress(): Promise<void> {
    if (!this.#over) this.#hands.progress();
  }

  async answer(): Promise<void> {
    if (!this.#over) await this.#hands.answer();
  }

  /** The far end of an analogue line cannot be told. */
  async hold(): Promise<void> {}

  press(digits: readonly Digit[]): void {
    if (!this.#over) this.#hands.press(digits);
  }

  async hangup(cause: HangupCause): Promise<void> {
    if (this.#over) return;
    this.#hands.hangup(cause);
    await this.#ended.promise;
  }

  /** The call is over, whoever ended it. */
  finish(cause: HangupCause): void {
    if (this.#over) return;
    this.#over = true;
    this.digits.close();
    this.requests.close();
    void this.audio[Symbol.asyncDispose]();
    this.#ended.resolve(cause);
  }
}
