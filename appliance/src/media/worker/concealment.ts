import { FRAME_SAMPLES } from "@sitebox/drivers/line";

/** Pitch periods that are looked for: 200 Hz down to 66 Hz. */
const SHORTEST = 40;
const LONGEST = 120;
/** Made-up sound fades out over three frames; after that a listener prefers silence. */
const FADE_SAMPLES = 3 * FRAME_SAMPLES;
/** The seam between made-up and real sound, 5 ms. */
const OVERLAP = 40;

/** Hides lost frames by repeating the last pitch period, fading out (after G.711 Appendix I, without its delay). */
export class Concealment {
  #history: Int16Array = new Int16Array(2 * FRAME_SAMPLES);
  #cycle: Int16Array | undefined;
  #madeUp = 0;

  /** A frame that came: remembered, and joined smoothly to what was made up before it. */
  voice(frame: Int16Array): Int16Array {
    const out = this.#cycle ? this.#joined(frame, this.#cycle) : frame;
    this.#cycle = undefined;
    this.#madeUp = 0;
    this.#history.copyWithin(0, FRAME_SAMPLES);
    this.#history.set(out, FRAME_SAMPLES);
    return out;
  }

  /** A frame for one that did not come. */
  lost(): Int16Array {
    this.#cycle ??= lastCycle(this.#history);
    const frame = this.#next(this.#cycle, FRAME_SAMPLES);
    this.#history.copyWithin(0, FRAME_SAMPLES);
    this.#history.set(frame, FRAME_SAMPLES);
    return frame;
  }

  #next(cycle: Int16Array, length: number): Int16Array {
    const made = new Int16Array(length);
    for (let i = 0; i < length && this.#madeUp < FADE_SAMPLES; i++, this.#madeUp++)
      made[i] = (cycle[this.#madeUp % cycle.length] ?? 0) * (1 - this.#madeUp / FADE_SAMPLES);
    return made;
  }

  #joined(frame: Int16Array, cycle: Int16Array): Int16Array {
    const tail = this.#next(cycle, OVERLAP);
    return frame.map((sample, i) => (i < OVERLAP ? ((tail[i] ?? 0) * (OVERLAP - i) + sample * i) / OVERLAP : sample));
  }
}

/** The last pitch period of the sound: the lag at which its end resembles itself most. */
function lastCycle(history: Int16Array): Int16Array {
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
  return history.slice(history.length - best);
}
