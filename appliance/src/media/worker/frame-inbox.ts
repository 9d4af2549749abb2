import { FRAME_SAMPLES } from "@sitebox/drivers/line";
import { Concealment } from "./concealment.ts";
import { JitterBuffer } from "./jitter-buffer.ts";

const NOTHING: Int16Array = new Int16Array(FRAME_SAMPLES);

/** Frames from another thread, evened out: they come about every 20 ms, and are wanted exactly so. */
export class FrameInbox {
  readonly #buffer = new JitterBuffer();
  readonly #concealment = new Concealment();
  #timestamp = 0;
  received = 0;

  push(frame: Int16Array): void {
    this.#buffer.push(this.#timestamp, frame);
    this.#timestamp = (this.#timestamp + frame.length) >>> 0;
    this.received++;
  }

  pull(behind = 0): Int16Array {
    const pulled = this.#buffer.pull(behind);
    if (pulled.type === "voice") return this.#concealment.voice(pulled.samples);
    return pulled.type === "lost" ? this.#concealment.lost() : NOTHING;
  }
}
