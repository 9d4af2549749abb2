import { LowerDecoder, LowerEncoder } from "./g722.ts";
import { Band, saturate } from "./g722-band.ts";

/**
 * The whole of G.722, both bands at 16 kHz, around the lower band that is ours: so that every bit of it can be compared with other
 * implementations.
 */

/** The half of the mirror filter; the other half is the same backwards. */
const FILTER = Int32Array.of(3, -11, 12, 32, -210, 951, 3_876, -805, 362, -156, 53, -11);
const TAPS = FILTER.length;

const TWO_BITS = Int32Array.of(-7_408, -1_616, 7_408, 1_616);
const UPPER_STEPS = Int32Array.of(798, -214, 798, -214);

/** The last 24 samples before either filter; written twice, so that they are in a row wherever they begin. */
class Line {
  readonly samples = new Int32Array(4 * TAPS);
  #at = 0;

  /** Adds two samples. Gives where the last 24 begin. */
  add(first: number, second: number): number {
    const at = this.#at;
    const { samples } = this;
    samples[at] = samples[at + 2 * TAPS] = first;
    samples[at + 1] = samples[at + 1 + 2 * TAPS] = second;
    this.#at = (at + 2) % (2 * TAPS);
    return at + 2;
  }
}

class Upper {
  readonly #band = new Band({ step: 8, shift: 10, most: 22_528 });

  encode(sample: number): number {
    const difference = saturate(sample - this.#band.predicted);
    const magnitude = difference >= 0 ? difference : ~difference;
    const isLarge = magnitude >= (564 * this.#band.step) >> 12;
    const code = (difference < 0 ? 0 : 2) + (isLarge ? 0 : 1);
    this.#adapt(code);
    return code;
  }

  decode(code: number): number {
    const sample = this.#band.predicted + ((this.#band.step * (TWO_BITS[code] ?? 0)) >> 15);
    this.#adapt(code);
    return Math.max(-16_384, Math.min(16_383, sample));
  }

  #adapt(code: number): void {
    const difference = (this.#band.step * (TWO_BITS[code] ?? 0)) >> 15;
    this.#band.rescale(UPPER_STEPS[code] ?? 0);
    this.#band.adapt(difference);
  }
}

/** Encodes 16 kHz samples, an even number of them. */
export function encodeWide(samples: Int16Array): Uint8Array {
  const [line, lower, upper] = [new Line(), new LowerEncoder(), new Upper()];
  const codes = new Uint8Array(samples.length >> 1);
  for (let i = 0; i < codes.length; i++) {
    const [even, odd] = filtered(line, samples[2 * i] ?? 0, samples[2 * i + 1] ?? 0);
    codes[i] = (upper.encode((even - odd) >> 14) << 6) | lower.encode((even + odd) >> 14);
  }
  return codes;
}

/** Decodes to 16 kHz samples, two of each byte. */
export function decodeWide(codes: Uint8Array): Int16Array {
  const [line, lower, upper] = [new Line(), new LowerDecoder(), new Upper()];
  const samples = new Int16Array(2 * codes.length);
  codes.forEach((code, i) => {
    const low = lower.decode(code & 63);
    const high = upper.decode(code >> 6);
    const [even, odd] = filtered(line, low + high, low - high);
    samples[2 * i] = saturate(even >> 11);
    samples[2 * i + 1] = saturate(odd >> 11);
  });
  return samples;
}

/** The two halves of the mirror filter over the last samples. */
function filtered(line: Line, first: number, second: number): readonly [even: number, odd: number] {
  const start = line.add(first, second);
  let odd = 0;
  let even = 0;
  for (let tap = 0; tap < TAPS; tap++) {
    odd += (line.samples[start + 2 * tap] ?? 0) * (FILTER[tap] ?? 0);
    even += (line.samples[start + 2 * tap + 1] ?? 0) * (FILTER[TAPS - 1 - tap] ?? 0);
  }
  return [even, odd];
}
