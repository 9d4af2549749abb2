import { Channel, type Clock } from "@sitebox/core/kernel";
import type { AudioCounts, AudioPort } from "../../line/index.ts";

/** A second of sound either way: who does not keep pace loses the oldest. */
const MAX_QUEUED = 50;

/** Sound of a call by a card. It has no clock of its own: the card's frames pace both ways. */
export class CardAudio implements AudioPort {
  readonly #clock: Clock;
  readonly #heard = new Channel<Int16Array>(MAX_QUEUED);
  #waiting: Int16Array[] = [];
  #came = 0;
  #cameAt: number | undefined;
  #unsaid = 0;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get frames(): AsyncIterable<Int16Array> {
    return this.#heard;
  }

  /** The card gives a frame for each of ours, so nothing is filled in, and none waits for its turn. */
  get counts(): AudioCounts {
    const quietMs = this.#cameAt === undefined || this.#closed ? undefined : Math.round(this.#clock.monotonic() - this.#cameAt);
    return {
      came: this.#came,
      filled: 0,
      dropped: 0,
      unsaid: this.#unsaid,
      ...(quietMs !== undefined && { quietMs }),
    };
  }

  write(frame: Int16Array): void {
    if (this.#closed) return;
    if (this.#waiting.length >= MAX_QUEUED) {
      this.#waiting.shift();
      this.#unsaid += 1;
    }
    this.#waiting.push(frame);
  }

  /** What the far end says. */
  hear(frame: Int16Array): void {
    this.#came += 1;
    this.#cameAt = this.#clock.monotonic();
    this.#heard.push(frame);
  }

  /** The next frame for the far end, where there is one. */
  next(): Int16Array | undefined {
    return this.#waiting.shift();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#waiting = [];
    this.#heard.close();
  }
}
