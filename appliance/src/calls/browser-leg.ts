import { Channel } from "@sitebox/core/kernel";
import type { AudioPort, Digit, HangupCause, Leg, LegFacts, LegRequest, LegSituation } from "@sitebox/drivers/line";

export interface BrowserLegOptions {
  readonly remote: string;
  readonly dialled: string;
  readonly audio: AudioPort;
  /** Names the leg in its record ({@link LegFacts.wireId}). */
  readonly wireId: string;
  /** Tells the page that its call is over. */
  readonly onEnded: (cause: HangupCause) => void;
  /** Shows the page how its call stands. */
  readonly onSituation: (situation: LegSituation) => void;
}

/** A browser as one side of a call: its sound is already up when the call begins. */
export class BrowserLeg implements Leg {
  readonly remote: string;
  readonly dialled: string;
  readonly audio: AudioPort;
  readonly line = undefined;
  readonly facts: LegFacts;
  readonly #digits = new Channel<Digit>(100);
  readonly #requests = new Channel<LegRequest>();
  readonly #ended = Promise.withResolvers<HangupCause>();
  readonly #onEnded: (cause: HangupCause) => void;
  readonly #onSituation: (situation: LegSituation) => void;
  #over = false;

  constructor({ remote, dialled, audio, wireId, onEnded, onSituation }: BrowserLegOptions) {
    this.remote = remote;
    this.dialled = dialled;
    this.audio = audio;
    // DTLS-SRTP over a page that came by https or from this machine.
    this.facts = { wireId, codec: "PCMA", secure: true };
    this.#onEnded = onEnded;
    this.#onSituation = onSituation;
  }

  get digits(): AsyncIterable<Digit> {
    return this.#digits;
  }

  get ended(): Promise<HangupCause> {
    return this.#ended.promise;
  }

  get requests(): AsyncIterable<LegRequest> {
    return this.#requests;
  }

  get over(): boolean {
    return this.#over;
  }

  /** A key pressed in the page. */
  pressed(digit: Digit): void {
    this.#digits.push(digit);
  }

  /** What the page asks for. */
  ask(request: LegRequest): void {
    this.#requests.push(request);
  }

  show(situation: LegSituation): void {
    if (!this.#over) this.#onSituation(situation);
  }

  async progress(): Promise<void> {
    // A browser's sound flows from the moment it calls.
  }

  async hold(): Promise<void> {
    // The page is shown it by its situation.
  }

  press(): void {
    // A browser has no use for keys.
  }

  async answer(): Promise<void> {
    // A browser's sound flows from the moment it calls.
  }

  async hangup(cause: HangupCause): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#digits.close();
    this.#requests.close();
    this.#ended.resolve(cause);
    this.#onEnded(cause);
  }
}
