/** The largest amplitude of a 16-bit sample: 0 dBov (RFC 3389 §3). */
const OVERLOAD = 32_767;
/** Evenly spread noise has an RMS of its largest amplitude over √3; smoothing it by one half leaves 1/√3 of that. */
const PEAK_OF_RMS = 3;

/** Quiet noise, so that a silent line is not taken for a dead one. Its spectrum falls towards the high tones, as rooms do; that which a sender states is not followed. */
export class ComfortNoise {
  #state = 0x2545_f491;
  #last = 0;

  /** A frame of noise of so much RMS, in sample units. */
  fill(frame: Int16Array, rms: number): Int16Array {
    const peak = rms * PEAK_OF_RMS;
    for (let i = 0; i < frame.length; i++) {
      this.#state ^= this.#state << 13;
      this.#state ^= this.#state >>> 17;
      this.#state ^= this.#state << 5;
      this.#last = (this.#last + (peak * this.#state) / 2 ** 31) / 2;
      frame[i] = this.#last;
    }
    return frame;
  }
}

/** The RMS that a comfort-noise packet states, in sample units; nothing where it states none (RFC 3389 §3.1). */
export function statedNoise(payload: Uint8Array): number | undefined {
  const [level] = payload;
  return level === undefined ? undefined : OVERLOAD * 10 ** (-(level & 0x7f) / 20);
}
