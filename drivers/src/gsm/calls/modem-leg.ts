import { Channel, type Clock, type Log } from "@sitebox/core/kernel";
import type { ByteStream, Digit, HangupCause, Leg, LegFacts, LegRequest, LineDeps } from "../../line/index.ts";
import { KeyDetector } from "../../sound/index.ts";
import { traced } from "../../transcript/index.ts";
import type { Modem } from "../modem/index.ts";
import { digitOf, KeysHeard } from "./keys-heard.ts";
import { KeysPressed } from "./keys-pressed.ts";
import { ModemSound } from "./modem-sound.ts";

/** The mean amplitude from which sound is something to be heard: −50 dBm0 or so, above the noise of an idle line. */
const AUDIBLE = 60;

export interface ModemLegOptions {
  readonly modem: Modem;
  readonly openAudio: () => Promise<ByteStream>;
  readonly clock: Clock;
  readonly log: Log;
  readonly onTraffic: LineDeps["onTraffic"];
  readonly remote: string;
  readonly dialled: string;
  readonly line: string;
  readonly wireId: string;
  /** Asks the modem to answer; resolves when sound can flow, or the leg is over. */
  readonly answer: () => Promise<void>;
  /** Asks the modem to hang up; resolves when it has. */
  readonly hangUp: (cause: HangupCause) => Promise<void>;
  /** The port for sound is gone. */
  readonly onLost: () => void;
}

/** A modem's call as a leg. {@link end} is the modem's word that it is over. */
export class ModemLeg implements Leg {
  readonly remote: string;
  readonly dialled: string;
  readonly line: string;
  readonly facts: LegFacts;
  readonly audio: ModemSound;
  readonly ended: Promise<HangupCause>;
  readonly #options: ModemLegOptions;
  readonly #end = Promise.withResolvers<HangupCause>();
  readonly #over = new AbortController();
  readonly #requests = new Channel<LegRequest>();
  readonly #detector = new KeyDetector();
  readonly #heard: KeysHeard;
  readonly #pressed: KeysPressed;
  #onAudible: (() => void) | undefined;

  constructor(options: ModemLegOptions) {
    const { modem, clock, log, openAudio, onTraffic } = options;
    this.#options = options;
    this.remote = options.remote;
    this.dialled = options.dialled;
    this.line = options.line;
    this.facts = { wireId: options.wireId, codec: "L16" };
    this.ended = this.#end.promise;
    this.#heard = new KeysHeard(clock);
    this.audio = new ModemSound({
      clock,
      log,
      open: async () => traced(await openAudio(), "audio", onTraffic),
      writeBytes: modem.profile.voice.writeBytes,
      onHeard: (frame) => this.#hear(frame),
      onLost: (err) => {
        log.warn("the port for sound is gone, ending the call", { err });
        options.onLost();
      },
    });
    const say = (frames: readonly Int16Array[]) => this.audio.insert(frames);
    this.#pressed = new KeysPressed({ at: modem.at, clock, log, say, signal: this.#over.signal });
  }

  get digits(): AsyncIterable<Digit> {
    return this.#heard.stream;
  }

  get requests(): AsyncIterable<LegRequest> {
    return this.#requests;
  }

  /** Aborted at the end. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  async progress(): Promise<void> {}

  async answer(): Promise<void> {
    if (!this.over.aborted) await this.#options.answer();
  }

  async hold(): Promise<void> {}

  press(digits: readonly Digit[]): void {
    this.#pressed.press(digits);
  }

  async hangup(cause: HangupCause): Promise<void> {
    if (!this.over.aborted) await this.#options.hangUp(cause);
  }

  /** Calls back once, when there is something to be heard. */
  whenAudible(listener: () => void): void {
    this.#onAudible = listener;
  }

  /** The modem's own word for a key that the far end pressed. */
  hearKey(word: string): void {
    const digit = digitOf(word);
    if (digit) this.#heard.take("modem", digit);
  }

  /** It is over: everything of it ends. */
  end(cause: HangupCause): void {
    if (this.over.aborted) return;
    this.#over.abort();
    this.#heard.close();
    this.#requests.close();
    // The port has to be free before somebody hears of the end and takes the next call.
    const closed = this.audio[Symbol.asyncDispose]();
    const told = () => this.#end.resolve(cause);
    closed.then(told, told);
    const { log } = this.#options;
    const { wireId } = this.facts;
    const { counts } = this.audio;
    log.info("a call's sound", { wireId, ...counts });
    if (counts.talked && counts.came === 0) log.warn("the modem brought no sound in a call", { wireId });
  }

  #hear(frame: Int16Array): void {
    const digit = this.#detector.hear(frame);
    if (digit) this.#heard.take("sound", digit);
    if (this.#onAudible && meanOf(frame) >= AUDIBLE) {
      this.#onAudible();
      this.#onAudible = undefined;
    }
  }
}

function meanOf(frame: Int16Array): number {
  let sum = 0;
  for (const sample of frame) sum += Math.abs(sample);
  return sum / frame.length;
}
