import type { CardPort } from "@sitebox/core/contract";
import { type DialOptions, type DialOutcome, type Digit, FRAME_SAMPLES, type LinePort } from "../../line/index.ts";
import { KeyDetector, keyTone } from "../../sound/index.ts";
import type { ChannelInfo, HelperLink } from "../link/index.ts";
import { encodeCallerMessage, fskSound } from "../signals/index.ts";
import { Attachment, type PortFault } from "./attachment.ts";
import { CardLeg } from "./card-leg.ts";
import { type Fxs, type FxsEffect, type FxsEvent, stepFxs } from "./fxs-machine.ts";
import { endLeg, type Port, type PortDeps } from "./port.ts";

type FxsConfig = Extract<CardPort, { type: "fxs" }>;

const KEY_SAMPLES = 5 * FRAME_SAMPLES;
/** From the end of the first ring to the caller's number, as telephones expect it (0.5 s to 1.5 s). */
const NUMBER_AFTER_FRAMES = 30;
/** Sound reaches a telephone on its hook for so long; the number takes about one second. */
const ON_HOOK_TRANSFER_MS = 3_000;

/** Within so long, one key heard in two ways was pressed once. */
const SAME_KEY_MS = 300;

/** Cuts sound into frames of 20 ms, the last filled with silence. */
function framesOf(samples: Int16Array): Int16Array[] {
  return Array.from({ length: Math.ceil(samples.length / FRAME_SAMPLES) }, (_, at) => {
    const frame = new Int16Array(FRAME_SAMPLES);
    frame.set(samples.subarray(at * FRAME_SAMPLES, (at + 1) * FRAME_SAMPLES));
    return frame;
  });
}

const silentFrames = (count: number) => framesOf(new Int16Array(count * FRAME_SAMPLES));

/** MMDDhhmm of the wall clock, local time. */
function timeOf(epochMs: number): string {
  const at = new Date(epochMs);
  return [at.getMonth() + 1, at.getDate(), at.getHours(), at.getMinutes()].map((part) => String(part).padStart(2, "0")).join("");
}

interface Ringing {
  readonly options: DialOptions;
  readonly outcome: PromiseWithResolvers<DialOutcome>;
  readonly givingUp: () => void;
  numberSent: boolean;
}

/** A port with a telephone: runs {@link stepFxs} on what the telephone does. */
export class FxsPort implements Port {
  readonly #config: FxsConfig;
  readonly #deps: PortDeps;
  readonly #attachment: Attachment;
  #fxs: Fxs = { state: "idle" };
  #timer: Disposable | undefined;
  #leg: CardLeg | undefined;
  #ringing: Ringing | undefined;
  #keys = new KeyDetector();
  /** The card hears keys itself, so they are not listened for. */
  #cardHearsKeys = false;
  #heardHere: { readonly key: Digit; readonly at: number } | undefined;
  /** Goes to the telephone before what the leg says: keys and callers' numbers. */
  #playing: Int16Array[] = [];

  constructor(config: FxsConfig, deps: PortDeps) {
    this.#config = config;
    this.#deps = deps;
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

  get extension(): string {
    return this.#config.extension;
  }

  get attached(): boolean {
    return this.#attachment.open;
  }

  get state(): LinePort {
    const base = { port: this.channel, number: this.extension };
    const { fault } = this.#attachment;
    return fault ? { ...base, state: "down", ...fault } : { ...base, state: this.#fxs.state === "idle" ? "idle" : "busy" };
  }

  attach(link: HelperLink, info: ChannelInfo | undefined): Promise<void> {
    return this.#attachment.attach(link, info);
  }

  detach(fault: PortFault["fault"], reason: string): void {
    this.#attachment.lose(fault, reason);
  }

  async close(): Promise<void> {
    this.#finish("normal");
    this.#timer?.[Symbol.dispose]();
    await this.#attachment.close();
  }

  /** Rings the telephone. One that is off its hook is busy. */
  async dial(options: DialOptions): Promise<DialOutcome> {
    if (options.signal.aborted) return { type: "no-answer" };
    const { state, reason = "the telephone cannot be reached" } = this.state;
    if (state === "down") return { type: "unreachable", reason };
    if (state === "busy") return { type: "busy" };
    const givingUp = () => this.#apply({ type: "hangup", cause: "no-answer" });
    const outcome = Promise.withResolvers<DialOutcome>();
    this.#ringing = { options, outcome, givingUp, numberSent: false };
    options.signal.addEventListener("abort", givingUp, { once: true });
    this.#apply({ type: "dial" });
    options.onProgress?.({ type: "ringing" });
    return outcome.promise;
  }

  #turned(fault: PortFault | undefined): void {
    if (fault) {
      this.#timer?.[Symbol.dispose]();
      this.#fxs = { state: "idle" };
      this.#playing = [];
      this.#finish("failed");
    }
    this.#deps.changed();
  }

  #finish(cause: "failed" | "normal"): void {
    endLeg(this.#leg, cause, this.#deps.log);
    this.#leg = undefined;
    this.#settle(cause === "normal" ? { type: "no-answer" } : { type: "unreachable", reason: "the card is gone" });
  }

  #hear([word, detail]: readonly string[]): void {
    switch (word) {
      case "off-hook":
      case "on-hook":
      case "flash":
      case "ringer-off":
        this.#apply({ type: word });
        return;
      case "dtmf":
        if (detail !== undefined && /^[0-9*#ABCD]$/.test(detail)) this.#cardHeard(detail as Digit);
        return;
      default:
        return;
    }
  }

  /** The first key that the card tells of may have been heard here already. */
  #cardHeard(key: Digit): void {
    const { key: last, at = 0 } = this.#heardHere ?? {};
    const again = !this.#cardHearsKeys && last === key && this.#deps.clock.monotonic() - at < SAME_KEY_MS;
    this.#cardHearsKeys = true;
    if (!again) this.#apply({ type: "key", key });
  }

  /** 20 ms from the telephone; gives the 20 ms that go there. */
  #listen(samples: Int16Array): Int16Array | undefined {
    if (this.#fxs.state === "idle" || this.#fxs.state === "hanging") return undefined;
    // What we play comes back as an echo.
    const key = this.#cardHearsKeys || this.#playing.length > 0 ? undefined : this.#keys.hear(samples);
    if (key !== undefined) {
      this.#heardHere = { key, at: this.#deps.clock.monotonic() };
      this.#apply({ type: "key", key });
    }
    if (this.#fxs.state === "talking" || this.#fxs.state === "calling") this.#leg?.audio.hear(samples);
    return this.#playing.shift() ?? this.#leg?.audio.next();
  }

  #apply(event: FxsEvent): void {
    const before = this.#fxs.state;
    const { next, effects } = stepFxs(this.#fxs, event);
    this.#fxs = next;
    for (const effect of effects) this.#do(effect);
    if (before === next.state) return;
    if (next.state === "idle" || next.state === "talking") this.#playing = [];
    if (before === "idle") this.#keys = new KeyDetector();
    this.#deps.changed();
  }

  #do(effect: FxsEffect): void {
    switch (effect.type) {
      case "tone":
        void this.#attachment.ask(`tone ${effect.tone}`);
        return;
      case "ring":
        void this.#attachment.ask(`ring ${effect.on ? "on" : "off"}`);
        return;
      case "wake":
        this.#timer?.[Symbol.dispose]();
        this.#timer =
          effect.ms === undefined ? undefined : this.#deps.clock.after(effect.ms, () => this.#apply({ type: "wake" }));
        return;
      case "offer":
        this.#leg = this.#newLeg(effect.dialled);
        this.#deps.incoming(this.#leg);
        return;
      case "answered":
        this.#leg = this.#newLeg(this.extension);
        this.#settle({ type: "answered", leg: this.#leg });
        return;
      case "send-number":
        return void this.#sendNumber();
      case "refused":
        this.#settle(effect.outcome);
        return;
      case "ended":
        endLeg(this.#leg, effect.cause, this.#deps.log);
        this.#leg = undefined;
        return;
      case "key":
        this.#leg?.digits.push(effect.key);
        return;
      case "request":
        this.#leg?.requests.push({ type: effect.request });
        return;
    }
  }

  /** The caller's number goes once, between the first and the second ring. */
  async #sendNumber(): Promise<void> {
    const ringing = this.#ringing;
    if (!ringing || ringing.numberSent) return;
    ringing.numberSent = true;
    const number = ringing.options.callerNumber ?? "";
    const message = encodeCallerMessage({ number }, timeOf(this.#deps.clock.now()));
    if (!(await this.#attachment.ask(`on-hook-transfer ${ON_HOOK_TRANSFER_MS}`))) return;
    if (this.#fxs.state === "ringing") this.#playing = [...silentFrames(NUMBER_AFTER_FRAMES), ...framesOf(fskSound(message))];
  }

  #newLeg(dialled: string): CardLeg {
    return new CardLeg(
      { remote: this.extension, dialled, line: undefined, facts: { peer: `channel ${this.channel}` } },
      {
        progress: () => this.#apply({ type: "progress" }),
        answer: async () => this.#apply({ type: "answer" }),
        press: (digits) => {
          for (const digit of digits) this.#playing.push(...framesOf(keyTone(digit, 0, KEY_SAMPLES)), ...silentFrames(5));
        },
        hangup: (cause) => this.#apply({ type: "hangup", cause }),
      },
    );
  }

  #settle(outcome: DialOutcome): void {
    const ringing = this.#ringing;
    this.#ringing = undefined;
    if (!ringing) return;
    ringing.options.signal.removeEventListener("abort", ringing.givingUp);
    ringing.outcome.resolve(outcome);
  }
}
