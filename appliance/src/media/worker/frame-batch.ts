import { FRAME_SAMPLES } from "@sitebox/drivers/line";
import type { FrameBatch } from "./protocol.ts";

/** Gathers the frames of one turn of the pacer, so that they cross to the main thread as one message. */
export class FrameCollector {
  readonly #legs: number[] = [];
  readonly #slots: number[] = [];
  readonly #frames: Int16Array[] = [];

  add(leg: number, slot: number, frame: Int16Array): void {
    this.#legs.push(leg);
    this.#slots.push(slot);
    this.#frames.push(frame);
  }

  take(): FrameBatch | undefined {
    if (this.#frames.length === 0) return undefined;
    const samples = new Int16Array(this.#frames.length * FRAME_SAMPLES);
    this.#frames.splice(0).forEach((frame, n) => {
      samples.set(frame, n * FRAME_SAMPLES);
    });
    return { legs: this.#legs.splice(0), slots: this.#slots.splice(0), samples };
  }
}
