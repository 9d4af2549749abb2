import type { CardPort } from "@sitebox/core/contract";
import type { DialOptions, DialOutcome, LinePort } from "../../line/index.ts";
import type { CallerNumber, LineSound } from "../signals/index.ts";
import type { PortFault } from "./attachment.ts";
import type { CardAudio } from "./card-audio.ts";
import { CardLeg } from "./card-leg.ts";
import { FxoEars } from "./fxo-ears.ts";
import { type AnswerKnownBy, type Fxo, type FxoEffect, type FxoEvent, type FxoSettings, stepFxo } from "./fxo-machine.ts";
import { OutgoingKeys } from "./outgoing-keys.ts";
import type { Port, PortDeps } from "./port.ts";
import { Socket, type SocketHands } from "./socket.ts";

type FxoConfig = Extract<CardPort, { type: "fxo" }>;

/** What can be dialled on an analogue line. */
const DIALLABLE = /^[0-9*#ABCD]{1,40}$/;

/** A port that goes to an exchange: runs {@link stepFxo} on the card's events and on what is heard. */
export class FxoPort implements Port {
  readonly #config: FxoConfig;
  readonly #deps: PortDeps;
  readonly #ears: FxoEars;
  readonly #keys: OutgoingKeys;
  #fxo: Fxo = { state: "idle" };
  #answersByPolarity: boolean;
  #hookDone: Promise<void> = Promise.resolve();
  #rings = false;
  readonly socket: Socket;

  constructor(config: FxoConfig, deps: PortDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#answersByPolarity = config.hangUp === "polarity";
    this.#ears = new FxoEars(config.callerId, () => deps.log.info("a caller's number came broken", { channel: config.channel }));
    this.#keys = new OutgoingKeys((keys) => this.socket.ask(`dial ${keys}`));
    const hands: SocketHands = {
      event: (words) => this.#hear(words),
      audio: (samples) => this.#listen(samples),
      apply: (event) => {
        if (event.type === "gone") this.#rings = false;
        this.#apply(event);
      },
    };
    this.socket = new Socket(config, hands, deps);
  }

  get state(): LinePort {
    const dead: PortFault = { fault: "no-line", reason: "nothing is connected, or the line is dead" };
    const { state } = this.#fxo;
    return this.socket.state(this.#config.line.number, state === "idle", state === "alarmed" ? dead : undefined);
  }

  /** Whether it carries a call, or is about to. */
  get inCall(): boolean {
    return this.socket.leg !== undefined || this.socket.calling !== undefined;
  }

  /** Dials on an idle line. */
  async dial(number: string, options: DialOptions): Promise<DialOutcome> {
    if (options.signal.aborted) return { type: "no-answer" };
    if (!DIALLABLE.test(number)) return { type: "unreachable", reason: "an analogue line dials digits only" };
    if (this.state.state !== "idle") return { type: "unreachable", reason: "the port is in use" };
    const outcome = this.socket.call(number, options);
    this.#apply({ type: "dial", number });
    return outcome;
  }

  #hear([word, detail]: readonly string[]): void {
    switch (word) {
      case "ring-begin":
      case "ring-end":
        this.#rings = word === "ring-begin";
        if (this.#rings) this.#ears.ringBegins();
        this.#apply({ type: word });
        return;
      case "on-hook":
        this.#apply({ type: "loop-open" });
        return;
      case "dial-complete":
        this.#apply({ type: "dialled" });
        this.#keys.sent();
        return;
      case "polarity":
      case "no-alarm":
        this.#apply({ type: word });
        return;
      case "alarm":
        this.#deps.log.warn("a port of the card has an alarm", { channel: this.#config.channel, alarm: detail });
        this.#apply({ type: "alarm" });
        return;
      default:
        return;
    }
  }

  /** 20 ms from the exchange; gives the 20 ms that go there. */
  #listen(samples: Int16Array): Int16Array | undefined {
    switch (this.#fxo.state) {
      case "idle":
        this.#tellCaller(this.#ears.callerBeforeRing(samples));
        return undefined;
      case "ringing":
        if (!this.#rings && !this.#fxo.offered) this.#tellCaller(this.#ears.callerBetweenRings(samples));
        return undefined;
      case "talking": {
        // What we press comes back as an echo.
        const key = this.#keys.pressing ? undefined : this.#ears.key(samples);
        const { leg } = this.socket;
        if (key !== undefined) leg?.digits.push(key);
        leg?.audio.hear(samples);
        const out = leg?.audio.next();
        this.#tellTone(this.#ears.tone(samples));
        return out;
      }
      case "seizing":
        this.#tellTone(this.#ears.tone(samples));
        return undefined;
      case "proceeding":
      case "confirming":
        this.socket.calling?.audio.hear(samples);
        this.#tellTone(this.#ears.tone(samples));
        return this.socket.calling?.audio.next();
      default:
        return undefined;
    }
  }

  #tellCaller(caller: CallerNumber | undefined): void {
    if (caller) this.#apply({ type: "caller", caller });
  }

  #tellTone(sound: LineSound | undefined): void {
    if (sound) this.#apply({ type: "sound", sound });
  }

  #apply(told: Exclude<FxoEvent, { type: "wake" }> | { readonly type: "wake" }): void {
    const event: FxoEvent = told.type === "wake" ? { ...told, hearsTone: this.#ears.hearsTone } : told;
    const settings: FxoSettings = {
      callerId: this.#config.callerId,
      hangUp: this.#config.hangUp,
      answersByPolarity: this.#answersByPolarity,
    };
    const before = this.#fxo.state;
    const { next, effects } = stepFxo(this.#fxo, event, settings, this.#deps.clock.monotonic());
    this.#fxo = next;
    if (before !== next.state) this.#listenAnew(next.state);
    for (const effect of effects) this.#do(effect);
    if (before !== next.state) this.#deps.changed();
  }

  #listenAnew(state: Fxo["state"]): void {
    // A number that is on its way when the ring begins goes on; so does ring-back while it is judged.
    if (state === "ringing" || state === "proceeding" || state === "confirming") return;
    this.#ears.forget();
    this.#keys.forget();
  }

  #do(effect: FxoEffect): void {
    const { calling } = this.socket;
    switch (effect.type) {
      case "hook":
        this.#hookDone = this.#attempt(effect.off ? "hook off" : "hook on");
        return;
      case "dial":
        void this.#attempt(`dial ${effect.digits}`);
        return;
      case "wake":
        this.socket.wake(effect.ms);
        return;
      case "offer":
        this.socket.offer(this.#newLeg(effect.caller?.number ?? "", this.#config.line.number, this.socket.newAudio()));
        return;
      case "ringing":
        calling?.options.onProgress?.({ type: "ringing" });
        return;
      case "early-media":
        if (calling) calling.options.onProgress?.({ type: "early-media", audio: calling.audio });
        return;
      case "no-dial-tone":
        this.#deps.log.info("dialling without a dial tone, for none was heard", { channel: this.#config.channel });
        return;
      case "answered":
        this.#answered(effect.by);
        return;
      case "refused":
        this.socket.settle(effect.outcome);
        return;
      case "ended":
        this.socket.end(effect.cause);
        return;
    }
  }

  async #attempt(text: string): Promise<void> {
    if (!(await this.socket.ask(text)) && text !== "hook on") this.#apply({ type: "card-refused" });
  }

  #newLeg(remote: string, dialled: string, audio: CardAudio, answer?: AnswerKnownBy): CardLeg {
    return new CardLeg(
      {
        remote,
        dialled,
        line: this.#deps.line,
        facts: { peer: `channel ${this.#config.channel}`, ...(answer && { answerKnownBy: answer }) },
      },
      {
        progress: () => {},
        answer: async () => {
          this.#apply({ type: "answer" });
          await this.#hookDone;
        },
        press: (digits) => {
          if (this.#fxo.state === "talking") this.#keys.press(digits);
        },
        hangup: (cause) => this.#apply({ type: "hangup", cause }),
      },
      audio,
    );
  }

  #answered(by: AnswerKnownBy): void {
    if (by === "told" && !this.#answersByPolarity) {
      this.#answersByPolarity = true;
      this.#deps.log.info("this exchange tells answers by polarity; nothing else is taken for one from now on", {
        channel: this.#config.channel,
      });
    }
    const { calling } = this.socket;
    if (calling) this.socket.answered(this.#newLeg(calling.number, calling.number, calling.audio, by));
  }
}
