import { FRAME_SAMPLES } from "@sitebox/drivers/line";
import { ComfortNoise } from "./comfort-noise.ts";

/** Pitch periods that are looked for: 200 Hz down to 66 Hz. Higher voices repeat in these as well. */
const SHORTEST = 40;
const LONGEST = 120;
/** Three of the longest periods, and a quarter more to smooth their seam. */
const HISTORY = 3 * LONGEST + LONGEST / 4 + 10;
/** Made-up sound is as loud as what it follows for one frame, then fades over four; after that it is background noise. */
const HOLD = FRAME_SAMPLES;
const FADE = 4 * FRAME_SAMPLES;
/** The seam between made-up and real sound, 5 ms; and how fast a step at its beginning is evened out. */
const OVERLAP = 40;
const SETTLE = 24;
/** Background noise is as loud as the quietest frames; it may be that they were not so quiet, so it is never loud. */
const LOUDEST_NOISE = 60;
const NOISE_RISE = 1.02;

const NO_CYCLES: readonly Float64Array[] = [];

/**
 * Hides lost frames by repeating the last pitch periods, first one, then two, then three, so that it does not buzz (after G.711 Appendix I,
 * without its delay), and long losses by noise as loud as the background was.
 */
export class Concealment {
  readonly #history: Int16Array = new Int16Array(HISTORY);
  readonly #noise = new ComfortNoise();
  readonly #noiseFrame: Int16Array = new Int16Array(FRAME_SAMPLES);
  #background = LOUDEST_NOISE;
  #cycles: readonly Float64Array[] | undefined;
  #step = 0;
  #madeUp = 0;

  /** A frame that came: remembered, and joined smoothly to what was made up before it. */
  voice(frame: Int16Array): Int16Array {
    this.#background = Math.min(Math.max(1, this.#background * NOISE_RISE), rms(frame), LOUDEST_NOISE);
    const out = this.#cycles ? this.#joined(frame, this.#cycles) : frame;
    this.#cycles = undefined;
    this.#remember(out);
    return out;
  }

  /** A frame for one that did not come. */
  lost(): Int16Array {
    if (!this.#cycles) this.#begin();
    const frame = this.#next(this.#cycles ?? [], FRAME_SAMPLES);
    this.#remember(frame);
    return frame;
  }

  /** The sender has fallen silent: what was made up is no longer gone on with, and what comes next is faded in. */
  silence(): void {
    this.#cycles = NO_CYCLES;
    this.#step = 0;
    this.#madeUp = HOLD + FADE;
  }

  #begin(): void {
    const history = this.#history;
    const lag = pitchOf(history);
    this.#cycles = [1, 2, 3].map((periods) => cycleOf(history, periods * lag));
    this.#step = (history.at(-1) ?? 0) - (history.at(-1 - lag) ?? 0);
    this.#madeUp = 0;
  }

  #remember(frame: Int16Array): void {
    this.#history.copyWithin(0, frame.length);
    this.#history.set(frame, HISTORY - frame.length);
  }

  #next(cycles: readonly Float64Array[], length: number): Int16Array {
    const made = new Int16Array(length);
    const noise = this.#noise.fill(this.#noiseFrame, this.#background);
    for (let i = 0; i < length; i++) {
      const at = this.#madeUp++;
      const gain = at < HOLD ? 1 : Math.max(0, 1 - (at - HOLD) / FADE);
      const cycle = cycles[Math.min(2, Math.floor((2 * at) / FRAME_SAMPLES))];
      const settling = at < SETTLE ? this.#step * (1 - (at + 1) / SETTLE) : 0;
      const voiced = cycle ? (cycle[at % cycle.length] ?? 0) : 0;
      made[i] = gain * (voiced + settling) + (1 - gain) * (noise[i] ?? 0);
    }
    return made;
  }

  #joined(frame: Int16Array, cycles: readonly Float64Array[]): Int16Array {
    const tail = this.#next(cycles, OVERLAP);
    const out = Int16Array.from(frame);
    for (let i = 0; i < OVERLAP; i++) out[i] = ((tail[i] ?? 0) * (OVERLAP - i) + (frame[i] ?? 0) * i) / OVERLAP;
    return out;
  }
}

function rms(frame: Int16Array): number {
  let power = 0;
  for (const sample of frame) power += sample * sample;
  return Math.sqrt(power / frame.length);
}

/** The last samples, whose end runs over into what came before their beginning, so that they can be repeated without a step. */
function cycleOf(history: Int16Array, length: number): Float64Array {
  const start = history.length - length;
  const cycle = Float64Array.from(history.subarray(start));
  const seam = Math.min(length, LONGEST) >> 2;
  for (let i = 0; i < seam; i++) {
    const share = (i + 1) / (seam + 1);
    const at = length - seam + i;
    cycle[at] = (cycle[at] ?? 0) * (1 - share) + (history[start - seam + i] ?? 0) * share;
  }
  return cycle;
}

/** The lag at which the end of the sound resembles itself most. */
function pitchOf(history: Int16Array): number {
  const start = history.length - FRAME_SAMPLES;
  let best = LONGEST;
  let bestLikeness = 0;
  for (let lag = SHORTEST; lag <= LONGEST; lag++) {
    let product = 0;
    let energy = 1;
    for (let i = start; i < history.length; i++) {
      const past = history[i - lag] ?? 0;
      product += (history[i] ?? 0) * past;
      energy += past * past;
    }
    const likeness = product <= 0 ? 0 : (product * product) / energy;
    if (likeness > bestLikeness * 1.001) [best, bestLikeness] = [lag, likeness];
  }
  return best;
}
