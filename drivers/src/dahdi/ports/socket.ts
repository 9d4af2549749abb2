import type { CardPort } from "@sitebox/core/contract";
import type { DialOptions, DialOutcome, HangupCause, LineFault, LinePort } from "../../line/index.ts";
import type { ChannelInfo, HelperLink } from "../link/index.ts";
import { Attachment, type PortFault } from "./attachment.ts";
import { CardAudio } from "./card-audio.ts";
import type { ChannelEars } from "./card-channel.ts";
import type { CardLeg } from "./card-leg.ts";
import type { PortDeps } from "./port.ts";

export type SocketEvent =
  /** The time asked for by {@link Socket.wake} is over. */
  | { readonly type: "wake" }
  /** The card is gone: whatever it was doing is over. */
  | { readonly type: "gone" }
  /** Nobody here wants the call any more. */
  | { readonly type: "hangup"; readonly cause: HangupCause };

/** What is behind a socket: an exchange or a telephone. */
export interface SocketHands extends ChannelEars {
  apply(event: SocketEvent): void;
}

/** A number that is being called, until it answers or does not. */
export interface Calling {
  readonly number: string;
  readonly options: DialOptions;
  /** Carries what is heard before the answer, and the call after it. */
  readonly audio: CardAudio;
}

/** One socket of a card, whatever is plugged into it: its channel, its timer and the one call that it can have. */
export class Socket {
  readonly #config: CardPort;
  readonly #hands: SocketHands;
  readonly #deps: PortDeps;
  readonly #attachment: Attachment;
  #timer: Disposable | undefined;
  #calling: (Calling & { settle(outcome: DialOutcome): void }) | undefined;
  #leg: CardLeg | undefined;

  constructor(config: CardPort, hands: SocketHands, deps: PortDeps) {
    this.#config = config;
    this.#hands = hands;
    this.#deps = deps;
    this.#attachment = new Attachment(
      config,
      {
        event: (words) => hands.event(words),
        audio: (samples) => hands.audio(samples),
        turned: (fault) => this.#turned(fault),
      },
      deps.log,
    );
  }

  get channel(): number {
    return this.#config.channel;
  }

  /** Whether its channel is open, so that it need not be attached. */
  get attached(): boolean {
    return this.#attachment.open;
  }

  get calling(): Calling | undefined {
    return this.#calling;
  }

  get leg(): CardLeg | undefined {
    return this.#leg;
  }

  /** As it is shown to people. `fault`: what the port itself has found, where the card has none. */
  state(number: string, idle: boolean, fault?: PortFault): LinePort {
    const base = { port: this.channel, number };
    const down = this.#attachment.fault ?? fault;
    return down ? { ...base, state: "down", ...down } : { ...base, state: idle ? "idle" : "busy" };
  }

  /** Opens its channel, of which the helper told `info`. Never rejects: what is refused shows in the state. */
  attach(link: HelperLink, info: ChannelInfo | undefined): Promise<void> {
    return this.#attachment.attach(link, info);
  }

  /** The channel is gone; its call ends as failed. */
  detach(fault: LineFault, reason: string): void {
    this.#attachment.lose(fault, reason);
  }

  /** Ends its call and gives its channel back. */
  async close(): Promise<void> {
    this.#hands.apply({ type: "hangup", cause: "normal" });
    this.#finish("normal", { type: "no-answer" });
    await this.#attachment.close();
  }

  /** Says something to the card; what is refused is logged and answered with false. */
  ask(text: string): Promise<boolean> {
    return this.#attachment.ask(text);
  }

  /** Wakes the port in so many ms, in place of what was asked before; undefined: never. */
  wake(ms: number | undefined): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = ms === undefined ? undefined : this.#deps.clock.after(ms, () => this.#hands.apply({ type: "wake" }));
  }

  /** For a call of this socket. */
  newAudio(): CardAudio {
    return new CardAudio(this.#deps.clock);
  }

  /** A number is called. Resolves once it has {@link answered}, or has not ({@link settle}); hung up as "no-answer" at the signal. */
  call(number: string, options: DialOptions): Promise<DialOutcome> {
    const { promise, resolve } = Promise.withResolvers<DialOutcome>();
    const givingUp = () => this.#hands.apply({ type: "hangup", cause: "no-answer" });
    const settle = (outcome: DialOutcome) => {
      options.signal.removeEventListener("abort", givingUp);
      resolve(outcome);
    };
    this.#calling = { number, options, audio: this.newAudio(), settle };
    options.signal.addEventListener("abort", givingUp, { once: true });
    return promise;
  }

  /** The number that is called has answered; `leg` is the call with it. */
  answered(leg: CardLeg): void {
    this.#leg = leg;
    this.settle({ type: "answered", leg });
  }

  /** What has become of the number that was called, where one was. */
  settle(outcome: DialOutcome): void {
    const calling = this.#calling;
    this.#calling = undefined;
    if (outcome.type !== "answered") void calling?.audio[Symbol.asyncDispose]();
    calling?.settle(outcome);
  }

  /** A call has come. */
  offer(leg: CardLeg): void {
    this.#leg = leg;
    this.#deps.incoming(leg);
  }

  /** The call is over, where there is one; tells of sound that was lost on it. */
  end(cause: HangupCause): void {
    const leg = this.#leg;
    this.#leg = undefined;
    if (!leg) return;
    leg.finish(cause);
    const { unsaid } = leg.audio.counts;
    if (unsaid > 0) this.#deps.log.info("sound came faster than a card plays it, the oldest was thrown away", { frames: unsaid });
  }

  #turned(fault: PortFault | undefined): void {
    if (fault) {
      this.#hands.apply({ type: "gone" });
      this.#finish("failed", { type: "unreachable", reason: "the card is gone" });
    }
    this.#deps.changed();
  }

  /** Nobody is left in the middle of a call. */
  #finish(cause: HangupCause, outcome: DialOutcome): void {
    this.wake(undefined);
    this.end(cause);
    this.settle(outcome);
  }
}
