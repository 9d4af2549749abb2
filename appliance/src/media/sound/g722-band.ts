export const saturate = (value: number) => (value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value);

/** Steps within an octave (G.722 table 18). */
const OCTAVE = Int32Array.of(
  2_048,
  2_093,
  2_139,
  2_186,
  2_233,
  2_282,
  2_332,
  2_383,
  2_435,
  2_489,
  2_543,
  2_599,
  2_656,
  2_714,
  2_774,
  2_834,
  2_896,
  2_960,
  3_025,
  3_091,
  3_158,
  3_228,
  3_298,
  3_371,
  3_444,
  3_520,
  3_597,
  3_676,
  3_756,
  3_838,
  3_922,
  4_008,
);

/** Zeros of the predictor. */
const ZEROS = 6;

/**
 * What a coder and its decoder both know of one band of G.722: how large a step is, and a prediction of the next sample by two poles and
 * six zeros, all adapted from the codes alone (§3.5, §3.6). The comments name the blocks of the recommendation.
 */
export class Band {
  /** The size of the quantizer's step. */
  step: number;
  /** What the next sample is expected to be. */
  predicted = 0;
  readonly #shift: number;
  readonly #most: number;
  /** The step's logarithm. */
  #log = 0;
  #zerosPart = 0;
  #pole1 = 0;
  #pole2 = 0;
  #partial1 = 0;
  #partial2 = 0;
  #rebuilt1 = 0;
  readonly #zeros = new Int32Array(ZEROS);
  readonly #differences = new Int32Array(ZEROS);

  constructor({ step, shift, most }: { readonly step: number; readonly shift: number; readonly most: number }) {
    this.step = step;
    this.#shift = shift;
    this.#most = most;
  }

  /** Takes a code's weight into the step (LOGSCL, SCALEL; LOGSCH, SCALEH). */
  rescale(weight: number): void {
    const log = ((this.#log * 127) >> 7) + weight;
    this.#log = log < 0 ? 0 : log > this.#most ? this.#most : log;
    const octave = OCTAVE[(this.#log >> 6) & 31] ?? 0;
    const shift = this.#shift - (this.#log >> 11);
    this.step = (shift < 0 ? octave << -shift : octave >> shift) << 2;
  }

  /** Takes a difference that was coded into the prediction of the next sample. */
  adapt(difference: number): void {
    // RECONS, PARREC
    const rebuilt = saturate(this.predicted + difference);
    const partial = saturate(this.#zerosPart + difference);
    this.#adaptPoles(partial);
    this.#adaptZeros(difference);
    // FILTEP
    const poles = saturate(((this.#pole1 * saturate(2 * rebuilt)) >> 15) + ((this.#pole2 * saturate(2 * this.#rebuilt1)) >> 15));
    // PREDIC
    this.predicted = saturate(poles + this.#zerosPart);
    this.#rebuilt1 = rebuilt;
    this.#partial2 = this.#partial1;
    this.#partial1 = partial;
  }

  /** UPPOL2, UPPOL1 */
  #adaptPoles(partial: number): void {
    const sign = partial >> 15;
    const likeLast = sign === this.#partial1 >> 15;
    const turned = saturate(this.#pole1 << 2);
    const towards = likeLast ? -turned : turned;
    let second =
      (sign === this.#partial2 >> 15 ? 128 : -128) +
      ((towards > 32_767 ? 32_767 : towards) >> 7) +
      ((this.#pole2 * 32_512) >> 15);
    second = second > 12_288 ? 12_288 : second < -12_288 ? -12_288 : second;
    const limit = saturate(15_360 - second);
    const first = saturate((likeLast ? 192 : -192) + ((this.#pole1 * 32_640) >> 15));
    this.#pole1 = first > limit ? limit : first < -limit ? -limit : first;
    this.#pole2 = second;
  }

  /** UPZERO, DELAYA, FILTEZ in one pass from the oldest to the newest. */
  #adaptZeros(difference: number): void {
    const zeros = this.#zeros;
    const differences = this.#differences;
    const move = difference === 0 ? 0 : 128;
    const sign = difference >> 15;
    let part = 0;
    for (let i = ZEROS - 1; i >= 0; i--) {
      const old = differences[i] ?? 0;
      const zero = saturate((old >> 15 === sign ? move : -move) + (((zeros[i] ?? 0) * 32_640) >> 15));
      const next = i === 0 ? difference : (differences[i - 1] ?? 0);
      zeros[i] = zero;
      differences[i] = next;
      part += (zero * saturate(2 * next)) >> 15;
    }
    this.#zerosPart = saturate(part);
  }
}
