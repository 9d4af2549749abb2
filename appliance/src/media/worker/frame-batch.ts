import { FRAME_SAMPLES } from "@sitebox/drivers/line";
import type { FrameBatch } from "./protocol.ts";

/** Gathers the frames of one turn of the pacer, so that they cross to the main process as one message. */
export class FrameCollector {
  readonly #legs: number[] = [];
  readonly #slots: number[] = [];
  #samples = new Int16Array(16 * FRAME_SAMPLES);

  /** Copies the frame in. */
  add(leg: number, slot: number, frame: Int16Array): void {
    const at = this.#legs.length * FRAME_SAMPLES;
    if (at === this.#samples.length) {
      const larger = new Int16Array(2 * at);
      larger.set(this.#samples);
      this.#samples = larger;
    }
    this.#samples.set(frame, at);
    this.#legs.push(leg);
    this.#slots.push(slot);
  }

  /** What was gathered. Its samples are good until the next {@link add}: the channel copies them when it takes the message. */
  take(): FrameBatch | undefined {
    if (this.#legs.length === 0) return undefined;
    const samples = this.#samples.subarray(0, this.#legs.length * FRAME_SAMPLES);
    return { legs: this.#legs.splice(0), slots: this.#slots.splice(0), samples };
  }
}
