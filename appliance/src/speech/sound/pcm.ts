import type { Pcm8k } from "../../media/index.ts";

/** Samples of the lower rate on either side of one converted sample. */
const REACH = 16;

/** Converts a whole recording between any two rates with a windowed sinc below the lower of the two Nyquist frequencies. */
export function resample(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  if (fromHz === toHz) return samples;
  const common = greatestCommonDivisor(fromHz, toHz);
  const filters = polyphase(fromHz / common, toHz / common);
  const out = new Int16Array(Math.floor((samples.length * toHz) / fromHz));
  for (let index = 0; index < out.length; index++) {
    const place = index * (fromHz / common);
    const filter = filters[place % (toHz / common)] ?? new Float64Array();
    const first = Math.floor(place / (toHz / common)) - filter.length / 2 + 1;
    let sum = 0;
    for (let tap = 0; tap < filter.length; tap++) sum += (samples[first + tap] ?? 0) * (filter[tap] ?? 0);
    out[index] = clip(sum);
  }
  return out;
}

/** One filter for each place an output sample can have between two input samples; rates in lowest terms. */
function polyphase(from: number, to: number): readonly Float64Array[] {
  const band = Math.min(1, to / from) * 0.95;
  const reach = Math.ceil(REACH / band);
  return Array.from({ length: to }, (_, phase) =>
    Float64Array.from({ length: 2 * reach }, (__, tap) => {
      const distance = tap - reach + 1 - phase / to;
      const x = Math.PI * distance * band;
      const sinc = x === 0 ? 1 : Math.sin(x) / x;
      return sinc * band * (0.5 + 0.5 * Math.cos((Math.PI * distance) / reach));
    }),
  );
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Mean level of speech on the line, of 32,768, about −20 dBFS, and the highest sample that leaves room for companding. */
const TARGET_RMS = 3_200;
const PEAK = 30_000;

/** Brings a voice to the loudness of the line: the level of its voiced parts, never clipping. */
export function normalizeLoudness(samples: Pcm8k): Pcm8k {
  let peak = 0;
  let energy = 0;
  let voiced = 0;
  for (const sample of samples) {
    const size = Math.abs(sample);
    peak = Math.max(peak, size);
    if (size > 300) {
      energy += size * size;
      voiced++;
    }
  }
  if (voiced === 0) return samples;
  const gain = Math.min(TARGET_RMS / Math.sqrt(energy / voiced), PEAK / peak);
  return samples.map((sample) => Math.round(sample * gain));
}

function clip(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)));
}
