import { Channel, type Clock } from "@sitebox/core/kernel";
import { type AudioPort, FRAME_SAMPLES } from "../index.ts";

const FRAME_MS = 20;
/** A second of sound: a writer that does not pace itself loses its oldest frames. */
const MAX_QUEUED = 50;

/** One end of the loopback's sound: what the other end writes comes out here at the pace of sound, with silence between. */
export class LoopbackAudio implements AudioPort {
  readonly #clock: Clock;
  readonly #frames = new Channel<Int16Array>(MAX_QUEUED);
  readonly #waiting: Int16Array[] = [];
  #far: LoopbackAudio | undefined;
  #timer: Disposable | undefined;
  #nextAt = 0;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get frames(): AsyncIterable<Int16Array> {
    return this.#frames;
  }

  /** Lets sound flow from `far` to here. */
  connect(far: LoopbackAudio): void {
    this.#far = far;
    this.#nextAt = this.#clock.monotonic();
    if (!this.#closed) this.#tick();
  }

  write(frame: Int16Array): void {
    this.#far?.hear(frame);
  }

  /** What the other end says. */
  hear(frame: Int16Array): void {
    if (this.#waiting.length >= MAX_QUEUED) this.#waiting.shift();
    this.#waiting.push(frame);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    this.#frames.close();
  }

  #tick(): void {
    this.#frames.push(this.#waiting.shift() ?? new Int16Array(FRAME_SAMPLES));
    this.#nextAt += FRAME_MS;
    this.#timer = this.#clock.after(Math.max(0, this.#nextAt - this.#clock.monotonic()), () => this.#tick());
  }
}
