/** The level (RMS of voiced sound) at which the recogniser's acoustic means were measured; it errs on speech 12 dB below. */
const TARGET_RMS = 1_500;
/** Never amplified by more than 26 dB: that is noise. */
const MAX_GAIN = 20;
const MIN_GAIN = 0.05;
/** Voice heard before its level is trusted: 320 ms. */
const TRUSTED_WINDOWS = 10;
/** A window this far below the loudest one of a recording is a pause (20 dB). */
const PAUSE_RATIO = 0.01;

/** How loud one caller is, over a whole call. */
export class CallerLevel {
  #energy = 0;
  #windows = 0;

  add(window: Int16Array): void {
    this.#energy += meanSquare(window);
    this.#windows++;
  }

  get trusted(): boolean {
    return this.#windows >= TRUSTED_WINDOWS;
  }

  /** What brings this caller to the level the recogniser knows. */
  get gain(): number {
    return this.#windows === 0 ? 1 : gainFor(this.#energy / this.#windows);
  }
}

/** Brings one utterance to a known level: holds its first sound until the caller's level is known, then keeps one gain. */
export class Leveller {
  readonly #level: CallerLevel;
  #held: Int16Array[] = [];
  #gain: number | undefined;

  constructor(level: CallerLevel) {
    this.#level = level;
  }

  /** What can be passed on now. Call `level.add` for voiced windows before. */
  push(window: Int16Array): readonly Int16Array[] {
    if (this.#gain !== undefined) return [amplify(window, this.#gain)];
    this.#held.push(window);
    return this.#level.trusted ? this.flush() : [];
  }

  /** What is still held: the utterance ends. */
  flush(): readonly Int16Array[] {
    const gain = this.#gain ?? this.#level.gain;
    this.#gain = gain;
    return this.#held.splice(0).map((window) => amplify(window, gain));
  }
}

/** A whole recording at the level the recogniser knows; `windowSamples` is the stretch its loudness is looked at by. */
export function level(samples: Int16Array, windowSamples: number): Int16Array {
  const energies: number[] = [];
  for (let at = 0; at < samples.length; at += windowSamples) energies.push(meanSquare(samples.subarray(at, at + windowSamples)));
  const loudest = energies.reduce((most, energy) => Math.max(most, energy), 0);
  const voiced = energies.filter((energy) => energy > 0 && energy >= loudest * PAUSE_RATIO);
  if (voiced.length === 0) return samples;
  return amplify(samples, gainFor(voiced.reduce((sum, energy) => sum + energy, 0) / voiced.length));
}

function gainFor(energy: number): number {
  return energy === 0 ? 1 : Math.min(MAX_GAIN, Math.max(MIN_GAIN, TARGET_RMS / Math.sqrt(energy)));
}

function meanSquare(window: Int16Array): number {
  let energy = 0;
  for (const sample of window) energy += sample * sample;
  return energy / Math.max(1, window.length);
}

function amplify(samples: Int16Array, gain: number): Int16Array {
  return samples.map((sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * gain))));
}
