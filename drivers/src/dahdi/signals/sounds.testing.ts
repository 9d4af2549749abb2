import { amplitudeOf } from "../../sound/index.ts";

/** Sounds for tests of the signal processing, 8 kHz. */

export const silence = (ms: number) => new Int16Array(ms * 8);

export function concat(...parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Numbers from 0 to 1, the same each time for the same seed. */
export function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The sound with white noise of so many dBm0, the same each time for the same seed. */
export function noise(sound: Int16Array, dbm0: number, seed = 1): Int16Array {
  const random = randoms(seed);
  // The power of a sine of that level is half the square of its amplitude; that of even noise a third of its peak's.
  const peak = amplitudeOf(dbm0) * Math.sqrt(1.5);
  return sound.map((sample) => clip(sample + peak * (2 * random() - 1)));
}

export const clip = (sample: number) => Math.max(-32_768, Math.min(32_767, Math.round(sample)));

/** A steady tone of so many ms and dBm0. */
export function steady(hertz: number, ms: number, dbm0: number): Int16Array {
  const amplitude = amplitudeOf(dbm0);
  return Int16Array.from({ length: ms * 8 }, (_, at) => clip(amplitude * Math.sin((2 * Math.PI * hertz * at) / 8_000)));
}
