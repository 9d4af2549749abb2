import type { CardPort } from "@sitebox/core/contract";
import type { DialOptions, DialOutcome, LinePort } from "../../line/index.ts";
import type { ChannelInfo, HelperLink } from "../link/index.ts";
import type { CallerNumber, LineSound } from "../signals/index.ts";
import { Attachment, type PortFault } from "./attachment.ts";
import { CardAudio } from "./card-audio.ts";
import { CardLeg } from "./card-leg.ts";
import { FxoEars } from "./fxo-ears.ts";
import { type AnswerKnownBy, type Fxo, type FxoEffect, type FxoEvent, type FxoSettings, stepFxo } from "./fxo-machine.ts";
import { endLeg, type Port, type PortDeps } from "./port.ts";

type FxoConfig = Extract<CardPort, { type: "fxo" }>;

/** A number that is being dialled. */
interface Dialling {
  readonly number: string;
  readonly options: DialOptions;
  readonly audio: CardAudio;
  readonly outcome: PromiseWithResolvers<DialOutcome>;
  readonly givingUp: () => void;
}

/** What can be dialled on an analogue line. */
const DIALLABLE = /^[0-9*#ABCD]{1,40}$/;

/** A port that goes to an exchange: runs {@link stepFxo} on the card's events and on what is heard. */
export class FxoPort implements Port {
  readonly #config: FxoConfig;
  readonly #deps: PortDeps;
  readonly #attachment: Attachment;
  #fxo: Fxo = { state: "idle" };
  #answersByPolarity: boolean;
  #timer: Disposable | undefined;
  #leg: CardLeg | undefined;
  #hookDone: Promise<void> = Promise.resolve();
  #dialling: Dialling | undefined;
  #rings = false;
  readonly #ears: FxoEars;
  /** Keys that wait for the card to have sent those before. */
  #toPress = "";
  #pressing = false;

  constructor(config: FxoConfig, deps: PortDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#answersByPolarity = config.hangUp === "polarity";
    this.#ears = new FxoEars(config.callerId, () => deps.log.info("a caller's number came broken", { channel: config.channel }));
    this.#attachment = new Attachment(
      config,
      {
        event: (words) => this.#hear(words),
        audio: (samples) => this.#listen(samples),
        turned: (fault) => this.#turned(fault),
      },
      deps.log,
    );
  }

  get channel(): number {
    return this.#config.channel;
  }

  get attached(): boolean {
    return this.#attachment.open;
  }

  get state(): LinePort {
    const base = { port: this.channel, number: this.#config.line.number };
    const fault: PortFault | undefined =
      this.#attachment.fault ??
      (this.#fxo.state === "alarmed" ? { fault: "no-line", reason: "nothing is connected, or the line is dead" } : undefined);
    return fault ? { ...base, state: "down", ...fault } : { ...base, state: this.#fxo.state === "idle" ? "idle" : "busy" };
  }

  /** Whether it carries a call, or is about to. */
  get inCall(): boolean {
    return this.#leg !== undefined || this.#dialling !== undefined;
  }

  attach(link: HelperLink, info: ChannelInfo | undefined): Promise<void> {
    return this.#attachment.attach(link, info);
  }

  detach(fault: PortFault["fault"], reason: string): void {
    this.#attachment.lose(fault, reason);
  }

  async close(): Promise<void> {
    this.#apply({ type: "hangup", cause: "normal" });
    this.#finish("normal");
    this.#timer?.[Symbol.dispose]();
    await this.#attachment.close();
  }

  /** Dials on an idle line. */
  async dial(number: string, options: DialOptions): Promise<DialOutcome> {
    if (options.signal.aborted) return { type: "no-answer" };
    if (!DIALLABLE.test(number)) return { type: "unreachable", reason: "an analogue line dials digits only" };
    if (this.state.state !== "idle") return { type: "unreachable", reason: "the port is in use" };
    const givingUp = () => this.#apply({ type: "hangup", cause: "no-answer" });
    const outcome = Promise.withResolvers<DialOutcome>();
    this.#dialling = { number, options, audio: new CardAudio(), outcome, givingUp };
    options.signal.addEventListener("abort", givingUp, { once: true });
    this.#apply({ type: "dial", number });
    return outcome.promise;
  }

  #turned(fault: PortFault | undefined): void {
    if (fault) {
      this.#timer?.[Symbol.dispose]();
      this.#fxo = { state: "idle" };
      this.#rings = false;
      this.#finish("failed");
    }
    this.#deps.changed();
  }

  /** The card is gone or the port is closed: nobody is left in the middle of a call. */
  #finish(cause: "failed" | "normal"): void {
    endLeg(this.#leg, cause, this.#deps.log);
    this.#leg = undefined;
    this.#settle(cause === "normal" ? { type: "no-answer" } : { type: "unreachable", reason: "the card is gone" });
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
        this.#pressing = false;
        this.#pressNext();
        return;
      case "polarity":
      case "no-alarm":
        this.#apply({ type: word });
        return;
      case "alarm":
        this.#deps.log.warn("a port of the card has an alarm", { channel: this.channel, alarm: detail });
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
        const key = this.#pressing ? undefined : this.#ears.key(samples);
        if (key !== undefined) this.#leg?.digits.push(key);
        this.#leg?.audio.hear(samples);
        const out = this.#leg?.audio.next();
        this.#tellTone(this.#ears.tone(samples));
        return out;
      }
      case "seizing":
        this.#tellTone(this.#ears.tone(samples));
        return undefined;
      case "proceeding":
      case "confirming":
        this.#dialling?.audio.hear(samples);
        this.#tellTone(this.#ears.tone(samples));
        return this.#dialling?.audio.next();
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

  #apply(event: FxoEvent): void {
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
    this.#toPress = "";
    this.#pressing = false;
  }

  #do(effect: FxoEffect): void {
    switch (effect.type) {
      case "hook":
        this.#hookDone = this.#attempt(effect.off ? "hook off" : "hook on");
        return;
      case "dial":
        void this.#attempt(`dial ${effect.digits}`);
        return;
      case "wake":
        this.#timer?.[Symbol.dispose]();
        this.#timer =
          effect.ms === undefined ? undefined : this.#deps.clock.after(effect.ms, () => this.#apply({ type: "wake" }));
        return;
      case "offer":
        this.#offer(effect.caller);
        return;
      case "ringing":
        this.#dialling?.options.onProgress?.({ type: "ringing" });
        return;
      case "early-media":
        if (this.#dialling) this.#dialling.options.onProgress?.({ type: "early-media", audio: this.#dialling.audio });
        return;
      case "no-dial-tone":
        this.#deps.log.info("dialling without a dial tone, for none was heard", { channel: this.channel });
        return;
      case "answered":
        this.#answered(effect.by);
        return;
      case "refused":
        this.#settle(effect.outcome);
        return;
      case "ended":
        endLeg(this.#leg, effect.cause, this.#deps.log);
        this.#leg = undefined;
        return;
    }
  }

  async #attempt(text: string): Promise<void> {
    if (!(await this.#attachment.ask(text)) && text !== "hook on") this.#apply({ type: "card-refused" });
  }

  #newLeg(remote: string, dialled: string, audio: CardAudio, answer?: AnswerKnownBy): CardLeg {
    return new CardLeg(
      {
        remote,
        dialled,
        line: this.#deps.line,
        facts: { peer: `channel ${this.channel}`, ...(answer && { answerKnownBy: answer }) },
      },
      {
        progress: () => {},
        answer: async () => {
          this.#apply({ type: "answer" });
          await this.#hookDone;
        },
        press: (digits) => {
          this.#toPress += digits.join("");
          this.#pressNext();
        },
        hangup: (cause) => this.#apply({ type: "hangup", cause }),
      },
      audio,
    );
  }

  /** Cards forget what they are dialling when they are given more. */
  #pressNext(): void {
    if (this.#pressing || this.#toPress === "" || this.#fxo.state !== "talking") return;
    this.#pressing = true;
    const keys = this.#toPress;
    this.#toPress = "";
    void this.#attachment.ask(`dial ${keys}`).then((taken) => {
      if (!taken) this.#pressing = false;
    });
  }

  #offer(caller: CallerNumber | undefined): void {
    this.#leg = this.#newLeg(caller?.number ?? "", this.#config.line.number, new CardAudio());
    this.#deps.incoming(this.#leg);
  }

  #answered(by: AnswerKnownBy): void {
    if (by === "told" && !this.#answersByPolarity) {
      this.#answersByPolarity = true;
      this.#deps.log.info("this exchange tells answers by polarity; nothing else is taken for one from now on", {
        channel: this.channel,
      });
    }
    if (!this.#dialling) return;
    const { number, audio } = this.#dialling;
    this.#leg = this.#newLeg(number, number, audio, by);
    this.#settle({ type: "answered", leg: this.#leg });
  }

  #settle(outcome: DialOutcome): void {
    const dialling = this.#dialling;
    this.#dialling = undefined;
    if (!dialling) return;
    dialling.options.signal.removeEventListener("abort", dialling.givingUp);
    if (outcome.type !== "answered") void dialling.audio[Symbol.asyncDispose]();
    dialling.outcome.resolve(outcome);
  }
}
