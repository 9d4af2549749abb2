/** Samples on each side that one interpolated sample is made of. */
const REACH = 16;

/**
 * The half-sample shift of a half-band low-pass: a sinc under a Kaiser window (β 8, stop band under −80 dB). Doubling the rate
 * keeps the samples and puts one such between each two; halving it is the mirror image. The other polyphase branch is a copy.
 */
const HALF_SHIFT: Float64Array = (() => {
  const bessel = (x: number) => {
    let sum = 1;
    for (let term = 1, k = 1; term > sum * 1e-12; k++) sum += term *= (x / (2 * k)) ** 2;
    return sum;
  };
  const taps = Float64Array.from({ length: 2 * REACH }, (_, i) => {
    const at = i - REACH + 0.5;
    const window = bessel(8 * Math.sqrt(1 - (at / REACH) ** 2)) / bessel(8);
    return (Math.sin(Math.PI * at) / (Math.PI * at)) * window;
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
})();

const clip = (value: number) => Math.max(-32_768, Math.min(32_767, Math.round(value)));

/** The value half-way between `samples[first + REACH - 1]` and its follower, every `stride`-th sample counting. */
function between(samples: Int16Array, first: number, stride: number): number {
  let sum = 0;
  for (let k = 0; k < HALF_SHIFT.length; k++) sum += (HALF_SHIFT[k] ?? 0) * (samples[first + k * stride] ?? 0);
  return sum;
}

/** A stream's rate change, block by block; what is held back between blocks is {@link REACH} samples of 8 kHz (2 ms). */
export interface Resampler {
  process(samples: Int16Array): Int16Array;
}

function joined(a: Int16Array, b: Int16Array): Int16Array {
  const both = new Int16Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** From 8 kHz to 16 kHz: each block of n samples gives 2n, 2 ms later. */
export function upsampler(): Resampler {
  let past: Int16Array = new Int16Array(2 * REACH - 1);
  return {
    process(samples) {
      const line = joined(past, samples);
      past = line.slice(samples.length);
      const out = new Int16Array(samples.length * 2);
      for (let n = 0; n < samples.length; n++) {
        out[2 * n] = line[n + REACH - 1] ?? 0;
        out[2 * n + 1] = clip(between(line, n, 1));
      }
      return out;
    },
  };
}

/** From 16 kHz to 8 kHz: each block must have an even number of samples, 2n; it gives n, 2 ms later. */
export function downsampler(): Resampler {
  let past: Int16Array = new Int16Array(4 * REACH - 1);
  return {
    process(samples) {
      const line = joined(past, samples);
      past = line.slice(samples.length);
      const out = new Int16Array(samples.length >> 1);
      for (let n = 0; n < out.length; n++) out[n] = clip(((line[2 * n + 2 * REACH - 1] ?? 0) + between(line, 2 * n, 2)) / 2);
      return out;
    },
  };
}

/** A whole sound from 8 kHz to 16 kHz: twice the samples, nothing shifted in time. */
export function resample8to16(samples: Int16Array): Int16Array {
  return upsampler()
    .process(joined(samples, new Int16Array(REACH)))
    .slice(2 * REACH, 2 * REACH + 2 * samples.length);
}

/** A whole sound from 16 kHz to 8 kHz: half the samples, nothing shifted in time. */
export function resample16to8(samples: Int16Array): Int16Array {
  const padding = new Int16Array(2 * REACH + (samples.length & 1));
  const length = (samples.length + 1) >> 1;
  return downsampler()
    .process(joined(samples, padding))
    .slice(REACH, REACH + length);
}
