import { Channel } from "@sitebox/core/kernel";
import type { AudioPort, Digit, HangupCause, Leg, LegFacts, LegRequest } from "@sitebox/drivers/line";

export interface BrowserLegOptions {
  readonly remote: string;
  readonly dialled: string;
  readonly audio: AudioPort;
  /** Tells the page that its call is over. */
  readonly onEnded: (cause: HangupCause) => void;
}

/** A browser as one side of a call: its sound is already up when the call begins. */
export class BrowserLeg implements Leg {
  readonly remote: string;
  readonly dialled: string;
  readonly audio: AudioPort;
  readonly #digits = new Channel<Digit>(100);
  readonly #requests = new Channel<LegRequest>();
  readonly line = undefined;
  readonly facts: LegFacts = { secure: true };
  readonly #ended = Promise.withResolvers<HangupCause>();
  readonly #onEnded: (cause: HangupCause) => void;
  #over = false;

  constructor({ remote, dialled, audio, onEnded }: BrowserLegOptions) {
    this.remote = remote;
    this.dialled = dialled;
    this.audio = audio;
    this.#onEnded = onEnded;
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

  /** A key pressed in the page. */
  pressed(digit: Digit): void {
    this.#digits.push(digit);
  }

  /** What the page asks for. */
  ask(request: LegRequest): void {
    this.#requests.push(request);
  }

  async progress(): Promise<void> {
    // A browser's sound flows from the moment it calls.
  }

  async hold(): Promise<void> {
    // The page is told of its call's state by other ways.
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
