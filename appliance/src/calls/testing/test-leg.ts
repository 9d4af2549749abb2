import { Channel } from "@sitebox/core/kernel";
import type { AudioPort, Digit, HangupCause, Leg, LegFacts, LegRequest, LegSituation } from "@sitebox/drivers/line";

/** A telephone's sound: the test says into one end what comes out of nothing, and hears at the other what the box writes. */
export class TestAudio implements AudioPort {
  readonly frames = new Channel<Int16Array>(50);
  readonly heard = new Channel<Int16Array>(50);

  write(frame: Int16Array): void {
    this.heard.push(frame);
  }

  say(frame: Int16Array): void {
    this.frames.push(frame);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.frames.close();
    this.heard.close();
  }
}

/** A leg whose far end is the test. */
export class TestLeg implements Leg {
  readonly remote: string;
  readonly dialled: string;
  readonly line: string | undefined;
  readonly replaces?: Leg;
  readonly audio = new TestAudio();
  readonly digits = new Channel<Digit>();
  readonly requests = new Channel<LegRequest>();
  readonly facts: LegFacts;
  readonly pressed: Digit[] = [];
  readonly shown: LegSituation[] = [];
  /** Whether sound was let through before the answer. */
  early = false;
  answered: boolean;
  cause: HangupCause | undefined;
  readonly #ended = Promise.withResolvers<HangupCause>();

  constructor(options: {
    readonly remote: string;
    readonly dialled: string;
    readonly line?: string;
    readonly answered?: boolean;
    readonly replaces?: Leg;
  }) {
    this.remote = options.remote;
    this.dialled = options.dialled;
    this.line = options.line;
    this.answered = options.answered ?? false;
    this.facts = { wireId: crypto.randomUUID() };
    if (options.replaces) this.replaces = options.replaces;
  }

  get ended(): Promise<HangupCause> {
    return this.#ended.promise;
  }

  get up(): boolean {
    return this.cause === undefined;
  }

  async progress(): Promise<void> {
    this.early = true;
  }

  async answer(): Promise<void> {
    if (this.up) this.answered = true;
  }

  async hold(): Promise<void> {}

  press(digits: readonly Digit[]): void {
    this.pressed.push(...digits);
  }

  show(situation: LegSituation): void {
    this.shown.push(situation);
  }

  /** Either side hangs up. */
  async hangup(cause: HangupCause): Promise<void> {
    if (!this.up) return;
    this.cause = cause;
    this.digits.close();
    this.requests.close();
    await this.audio[Symbol.asyncDispose]();
    this.#ended.resolve(cause);
  }

  /** Its telephone presses keys. */
  key(digits: string): void {
    for (const digit of digits) this.digits.push(digit as Digit);
  }

  /** Its telephone asks for something. */
  ask(request: LegRequest): void {
    this.requests.push(request);
  }
}
