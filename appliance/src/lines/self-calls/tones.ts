import type { ToneHeard } from "@sitebox/core/contract";
import { FRAME_SAMPLES } from "@sitebox/drivers/line";
import { amplitudeOf, goertzel } from "@sitebox/drivers/sound";

/**
 * The tones of the two ends in Hz: each hears the other's beside its own echo. Neither is a tone that a line acts upon: busy (450), a key's, a
 * fax's (1100, 2100).
 */
export const TONES = { toLine: 1_020, fromLine: 1_380 } as const;

/** As loud as a voice (ITU-T G.223 has −15 dBm0 for a mean talker; tests of lines use −10). */
const AMPLITUDE = amplitudeOf(-12);
/** Noise suppression takes a sound without end for noise: half a second of tone, a quarter of silence. */
const ON_FRAMES = 25;
const OFF_FRAMES = 13;
/** Sound is judged in pieces of 100 ms. */
const PIECE_SAMPLES = 5 * FRAME_SAMPLES;
/** Less is what comes over from a neighbouring pair. */
const QUIETEST = amplitudeOf(-45);
/** The part of the sound that the tone has to be, own echo left out: speech and music have their power spread. */
const SHARE = 0.5;
/** So many pieces are no accident. */
const PIECES = 5;

/** Frames of an end's tone, without end. */
export function* toneFrames(hertz: number): Generator<Int16Array> {
  for (let frame = 0; ; frame++) {
    const on = frame % (ON_FRAMES + OFF_FRAMES) < ON_FRAMES;
    const start = frame * FRAME_SAMPLES;
    yield Int16Array.from({ length: FRAME_SAMPLES }, (_, i) =>
      on ? Math.round(AMPLITUDE * Math.sin((2 * Math.PI * hertz * (start + i)) / 8_000)) : 0,
    );
  }
}

/** Hears whether the far end's tone comes. */
export class Ear {
  readonly #wanted: number;
  readonly #own: number;
  readonly #piece: number[] = [];
  #pieces = 0;
  #strongest = 0;

  /** `wanted` and `own` in Hz: what the far end says, and what comes back of what we say. */
  constructor(wanted: number, own: number) {
    this.#wanted = wanted;
    this.#own = own;
  }

  get heard(): ToneHeard {
    const level = Math.round(20 * Math.log10(this.#strongest / amplitudeOf(0)));
    return { heard: this.#pieces >= PIECES, ...(Number.isFinite(level) && { level }) };
  }

  take(frame: Int16Array): void {
    this.#piece.push(...frame);
    while (this.#piece.length >= PIECE_SAMPLES) this.#judge(Int16Array.from(this.#piece.splice(0, PIECE_SAMPLES)));
  }

  #judge(piece: Int16Array): void {
    const tone = goertzel(piece, this.#wanted);
    const echo = goertzel(piece, this.#own);
    const power = piece.reduce((sum, sample) => sum + sample * sample, 0) / piece.length;
    const withoutEcho = Math.max(0, power - (echo * echo) / 2);
    this.#strongest = Math.max(this.#strongest, tone);
    if (tone >= QUIETEST && (tone * tone) / 2 >= SHARE * withoutEcho) this.#pieces += 1;
  }
}
