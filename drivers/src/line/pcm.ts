import { FRAME_SAMPLES } from "./trunk.ts";

/** Bytes of one frame: 160 samples of 16 bit. */
export const FRAME_BYTES = FRAME_SAMPLES * 2;

/** Cuts bytes of 16-bit little-endian sound into frames, however they come: a chunk may end within a sample. */
export class Framer {
  readonly #partial = new Uint8Array(FRAME_BYTES);
  #filled = 0;

  /** The frames that are whole with these bytes. */
  *cut(bytes: Uint8Array): Generator<Int16Array> {
    for (let from = 0; from < bytes.length; ) {
      const taken = Math.min(FRAME_BYTES - this.#filled, bytes.length - from);
      this.#partial.set(bytes.subarray(from, from + taken), this.#filled);
      this.#filled += taken;
      from += taken;
      if (this.#filled < FRAME_BYTES) return;
      this.#filled = 0;
      yield samplesOf(this.#partial);
    }
  }
}

/** 16-bit little-endian sound as samples. */
export function samplesOf(bytes: Uint8Array): Int16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int16Array.from({ length: bytes.byteLength >> 1 }, (_, at) => view.getInt16(at * 2, true));
}

/** Samples as 16-bit little-endian sound. */
export function bytesOf(samples: Int16Array): Buffer {
  const bytes = Buffer.alloc(2 * samples.length);
  putSamples(samples, bytes, 0);
  return bytes;
}

/** Samples as 16-bit little-endian sound, into `target` from `offset` on. */
export function putSamples(samples: Int16Array, target: Uint8Array, offset: number): void {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  for (let at = 0; at < samples.length; at++) view.setInt16(offset + at * 2, samples[at] ?? 0, true);
}
