import { Channel } from "@sitebox/core/kernel";
import type { AudioPort } from "../../line/index.ts";

/** A second of sound either way: who does not keep pace loses the oldest. */
const MAX_QUEUED = 50;

/** Sound of a call by a card. It has no clock of its own: the card's frames pace both ways. */
export class CardAudio implements AudioPort {
  readonly #heard = new Channel<Int16Array>(MAX_QUEUED);
  #waiting: Int16Array[] = [];
  #dropped = 0;
  #closed = false;

  get frames(): AsyncIterable<Int16Array> {
    return this.#heard;
  }

  /** Frames that came too fast and were thrown away. */
  get dropped(): number {
    return this.#dropped;
  }

  write(frame: Int16Array): void {
    if (this.#closed) return;
    if (this.#waiting.length >= MAX_QUEUED) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    this.#waiting.push(frame);
  }

  /** What the far end says. */
  hear(frame: Int16Array): void {
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
