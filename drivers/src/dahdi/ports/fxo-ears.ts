import type { Digit } from "../../line/index.ts";
import { KeyDetector } from "../../sound/index.ts";
import { type CallerNumber, DtmfCaller, FskReceiver, type LineSound, LineSounds } from "../signals/index.ts";
import type { FxoSettings } from "./fxo-machine.ts";

/** What is listened for on an FXO port, by what the line is doing. */
export class FxoEars {
  readonly #callerId: FxoSettings["callerId"];
  readonly #broken: () => void;
  readonly #sounds = new LineSounds();
  #fsk = new FskReceiver();
  #dtmf = new DtmfCaller();
  #keys = new KeyDetector();

  /** `broken` hears of callers' numbers that came and could not be read. */
  constructor(callerId: FxoSettings["callerId"], broken: () => void) {
    this.#callerId = callerId;
    this.#broken = broken;
  }

  /** A caller's number before the ring, which only keys carry. */
  callerBeforeRing(samples: Int16Array): CallerNumber | undefined {
    return this.#callerId === "auto" || this.#callerId === "dtmf" ? this.#dtmf.hear(samples) : undefined;
  }

  /** A caller's number between the rings. */
  callerBetweenRings(samples: Int16Array): CallerNumber | undefined {
    const keyed = this.callerBeforeRing(samples);
    if (this.#callerId !== "auto" && this.#callerId !== "fsk") return keyed;
    const heard = this.#fsk.hear(samples);
    if (heard?.type === "broken") this.#broken();
    return heard?.type === "caller" ? heard.caller : keyed;
  }

  tone(samples: Int16Array): LineSound | undefined {
    return this.#sounds.hear(samples);
  }

  /** A tone is being heard of which it is not known yet what it says. */
  get hearsTone(): boolean {
    return this.#sounds.hearsTone;
  }

  key(samples: Int16Array): Digit | undefined {
    return this.#keys.hear(samples);
  }

  /** What comes now has nothing to do with what was heard. */
  forget(): void {
    this.#sounds.reset();
    this.#fsk = new FskReceiver();
    this.#dtmf = new DtmfCaller();
    this.#keys = new KeyDetector();
  }

  /** A ring begins; what it does to the sound is no number. */
  ringBegins(): void {
    this.#fsk = new FskReceiver();
  }
}
