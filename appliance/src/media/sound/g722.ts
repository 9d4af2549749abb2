import { Band, saturate } from "./g722-band.ts";

/** RTP payload type (RFC 3551 §6); its clock is 8 kHz although its sound is not (§4.5.2). */
export const G722 = 9;

/** Decision levels of the lower band (table 14), and the codes between them for differences below and above zero. */
const LEVELS = Int32Array.of(
  0,
  35,
  72,
  110,
  150,
  190,
  233,
  276,
  323,
  370,
  422,
  473,
  530,
  587,
  650,
  714,
  786,
  858,
  940,
  1_023,
  1_121,
  1_219,
  1_339,
  1_458,
  1_612,
  1_765,
  1_980,
  2_195,
  2_557,
  2_919,
);
const BELOW = Uint8Array.of(
  0,
  63,
  62,
  31,
  30,
  29,
  28,
  27,
  26,
  25,
  24,
  23,
  22,
  21,
  20,
  19,
  18,
  17,
  16,
  15,
  14,
  13,
  12,
  11,
  10,
  9,
  8,
  7,
  6,
  5,
  4,
);
const ABOVE = Uint8Array.of(
  0,
  61,
  60,
  59,
  58,
  57,
  56,
  55,
  54,
  53,
  52,
  51,
  50,
  49,
  48,
  47,
  46,
  45,
  44,
  43,
  42,
  41,
  40,
  39,
  38,
  37,
  36,
  35,
  34,
  33,
  32,
);
/** What six bits stand for in units of the step, and the four of them that adapt it. */
const SIX_BITS = Int32Array.of(
  -136,
  -136,
  -136,
  -136,
  -24_808,
  -21_904,
  -19_008,
  -16_704,
  -14_984,
  -13_512,
  -12_280,
  -11_192,
  -10_232,
  -9_360,
  -8_576,
  -7_856,
  -7_192,
  -6_576,
  -6_000,
  -5_456,
  -4_944,
  -4_464,
  -4_008,
  -3_576,
  -3_168,
  -2_776,
  -2_400,
  -2_032,
  -1_688,
  -1_360,
  -1_040,
  -728,
  24_808,
  21_904,
  19_008,
  16_704,
  14_984,
  13_512,
  12_280,
  11_192,
  10_232,
  9_360,
  8_576,
  7_856,
  7_192,
  6_576,
  6_000,
  5_456,
  4_944,
  4_464,
  4_008,
  3_576,
  3_168,
  2_776,
  2_400,
  2_032,
  1_688,
  1_360,
  1_040,
  728,
  432,
  136,
  -432,
  -136,
);
const FOUR_BITS = Int32Array.of(
  0,
  -20_456,
  -12_896,
  -8_968,
  -6_288,
  -4_240,
  -2_584,
  -1_200,
  20_456,
  12_896,
  8_968,
  6_288,
  4_240,
  2_584,
  1_200,
  0,
);
/** How the four bits change the step. */
const LOWER_STEPS = Int32Array.of(-60, 3_042, 1_198, 538, 334, 172, 58, -30, 3_042, 1_198, 538, 334, 172, 58, -30, -60);

const lowerBand = () => new Band({ step: 32, shift: 8, most: 18_432 });

/** Takes the difference that the four bits stand for into account, as both sides do. */
function adapt(band: Band, code: number): void {
  const four = code >> 2;
  const difference = (band.step * (FOUR_BITS[four] ?? 0)) >> 15;
  band.rescale(LOWER_STEPS[four] ?? 0);
  band.adapt(difference);
}

/** The coder of the lower band: 8 000 samples a second become six bits each. */
export class LowerEncoder {
  readonly #band = lowerBand();

  encode(sample: number): number {
    const difference = saturate(sample - this.#band.predicted);
    const magnitude = difference >= 0 ? difference : ~difference;
    // The first level above it; they grow, so half of them can be passed over at each look.
    let from = 1;
    let to = LEVELS.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (magnitude < ((LEVELS[middle] ?? 0) * this.#band.step) >> 12) to = middle;
      else from = middle + 1;
    }
    const code = (difference < 0 ? BELOW : ABOVE)[from] ?? 0;
    adapt(this.#band, code);
    return code;
  }
}

export class LowerDecoder {
  readonly #band = lowerBand();

  decode(code: number): number {
    const sample = this.#band.predicted + ((this.#band.step * (SIX_BITS[code] ?? 0)) >> 15);
    adapt(this.#band, code);
    return sample > 16_383 ? 16_383 : sample < -16_384 ? -16_384 : sample;
  }
}

/** What the coder of the upper band says to silence, always: a difference below the smallest step, which leaves both sides at zero. */
const SILENT_UPPER_BAND = 3 << 6;

/**
 * G.722 at 64 kbit/s (ITU-T, mode 1) for 8 kHz sound. The codec splits 16 kHz sound into two bands of 8 kHz, coded apart: the lower one is the
 * telephone's band at its own rate, at half of its amplitude. So what we send is that band beside a silent upper one, and of what comes the
 * lower one is taken: no change of rate, no delay, and a third of the work of going by way of 16 kHz. What that costs is a weak image (−20 dB)
 * of what lies above 2.7 kHz, where telephone speech has little.
 */
export class G722Encoder {
  readonly #lower = new LowerEncoder();

  /** Encodes 8 kHz samples into as many bytes of `target` from `offset` on. */
  encodeInto(samples: Int16Array, target: Uint8Array, offset: number): void {
    for (let i = 0; i < samples.length; i++) target[offset + i] = SILENT_UPPER_BAND | this.#lower.encode((samples[i] ?? 0) >> 1);
  }
}

/** The other way round: of each byte one 8 kHz sample. */
export class G722Decoder {
  readonly #lower = new LowerDecoder();

  decode(codes: Uint8Array): Int16Array {
    const samples = new Int16Array(codes.length);
    for (let i = 0; i < codes.length; i++) samples[i] = 2 * this.#lower.decode((codes[i] ?? 0) & 63);
    return samples;
  }
}
