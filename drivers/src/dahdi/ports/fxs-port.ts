import type { CardPort } from "@sitebox/core/contract";
import { type DialOptions, type DialOutcome, type Digit, FRAME_SAMPLES, type LinePort } from "../../line/index.ts";
import { KeyDetector, keyTone } from "../../sound/index.ts";
import { encodeCallerMessage, fskSound } from "../signals/index.ts";
import { CardLeg } from "./card-leg.ts";
import { type Fxs, type FxsEffect, type FxsEvent, stepFxs } from "./fxs-machine.ts";
import type { Port, PortDeps } from "./port.ts";
import { Socket, type SocketHands } from "./socket.ts";

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

/** A port with a telephone: runs {@link stepFxs} on what the telephone does. */
export class FxsPort implements Port {
  readonly #config: FxsConfig;
  readonly #deps: PortDeps;
  readonly socket: Socket;
  #fxs: Fxs = { state: "idle" };
  #numberSent = false;
  #keys = new KeyDetector();
  /** The card hears keys itself, so they are not listened for. */
  #cardHearsKeys = false;
  #heardHere: { readonly key: Digit; readonly at: number } | undefined;
  /** Goes to the telephone before what the leg says: keys and callers' numbers. */
  #playing: Int16Array[] = [];

  constructor(config: FxsConfig, deps: PortDeps) {
    this.#config = config;
    this.#deps = deps;
    const hands: SocketHands = {
      event: (words) => this.#hear(words),
      audio: (samples) => this.#listen(samples),
      apply: (event) => this.#apply(event),
    };
    this.socket = new Socket(config, hands, deps);
  }

  get extension(): string {
    return this.#config.extension;
  }

  get state(): LinePort {
    return this.socket.state(this.extension, this.#fxs.state === "idle");
  }

  /** Rings the telephone. One that is off its hook is busy. */
  async dial(options: DialOptions): Promise<DialOutcome> {
    if (options.signal.aborted) return { type: "no-answer" };
    const { state, reason = "the telephone cannot be reached" } = this.state;
    if (state === "down") return { type: "unreachable", reason };
    if (state === "busy") return { type: "busy" };
    const outcome = this.socket.call(this.extension, options);
    this.#numberSent = false;
    this.#apply({ type: "dial" });
    options.onProgress?.({ type: "ringing" });
    return outcome;
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
    if (this.#fxs.state === "talking" || this.#fxs.state === "calling") this.socket.leg?.audio.hear(samples);
    return this.#playing.shift() ?? this.socket.leg?.audio.next();
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
        void this.socket.ask(`tone ${effect.tone}`);
        return;
      case "ring":
        void this.socket.ask(`ring ${effect.on ? "on" : "off"}`);
        return;
      case "wake":
        this.socket.wake(effect.ms);
        return;
      case "offer":
        this.socket.offer(this.#newLeg(effect.dialled));
        return;
      case "answered":
        this.socket.answered(this.#newLeg(this.extension));
        return;
      case "send-number":
        return void this.#sendNumber();
      case "refused":
        this.socket.settle(effect.outcome);
        return;
      case "ended":
        this.socket.end(effect.cause);
        return;
      case "key":
        this.socket.leg?.digits.push(effect.key);
        return;
      case "request":
        this.socket.leg?.requests.push({ type: effect.request });
        return;
    }
  }

  /** The caller's number goes once, between the first and the second ring. */
  async #sendNumber(): Promise<void> {
    const { calling } = this.socket;
    if (!calling || this.#numberSent) return;
    this.#numberSent = true;
    const number = calling.options.callerNumber ?? "";
    const message = encodeCallerMessage({ number }, timeOf(this.#deps.clock.now()));
    if (!(await this.socket.ask(`on-hook-transfer ${ON_HOOK_TRANSFER_MS}`))) return;
    if (this.#fxs.state === "ringing") this.#playing = [...silentFrames(NUMBER_AFTER_FRAMES), ...framesOf(fskSound(message))];
  }

  #newLeg(dialled: string): CardLeg {
    return new CardLeg(
      { remote: this.extension, dialled, line: undefined, facts: { peer: `channel ${this.#config.channel}` } },
      {
        progress: () => this.#apply({ type: "progress" }),
        answer: async () => this.#apply({ type: "answer" }),
        press: (digits) => {
          for (const digit of digits) this.#playing.push(...framesOf(keyTone(digit, 0, KEY_SAMPLES)), ...silentFrames(5));
        },
        hangup: (cause) => this.#apply({ type: "hangup", cause }),
      },
      this.socket.newAudio(),
    );
  }
}
