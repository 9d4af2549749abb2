import { type Digit, FRAME_SAMPLES } from "../../line/index.ts";
import { amplitudeOf, keyTone } from "../../sound/index.ts";

const FRAME_MS = 20;
const PRESSED_FRAMES = 5;

/** Tones of Chinese exchanges (GB/T 3380), 450 Hz: ms on and off in turn. */
export const CADENCES = {
  dial: [1_000],
  "ring-back": [1_000, 4_000],
  busy: [350, 350],
  congestion: [700, 700],
  unobtainable: [100, 100, 100, 100, 100, 100, 400, 400],
  none: [0, 1_000],
} as const satisfies Record<string, readonly number[]>;
export type ToneName = keyof typeof CADENCES;

/** Frame `at` of a tone that began with frame 0. */
export function toneFrame(name: ToneName, at: number, level = -15): Int16Array {
  const pattern: readonly number[] = CADENCES[name];
  const period = pattern.reduce((sum, ms) => sum + ms, 0);
  const amplitude = amplitudeOf(level);
  const isOn = (ms: number) => {
    let rest = ms % period;
    for (const [index, length] of pattern.entries()) {
      if (rest < length) return (index & 1) === 0;
      rest -= length;
    }
    return false;
  };
  return Int16Array.from({ length: FRAME_SAMPLES }, (_, sample) => {
    const index = at * FRAME_SAMPLES + sample;
    return isOn(at * FRAME_MS + sample / 8) ? Math.round(amplitude * Math.sin((2 * Math.PI * 450 * index) / 8_000)) : 0;
  });
}

/** A voice, as far as a machine can tell: noise of changing strength, the same each time. */
export function voiceFrame(at: number): Int16Array {
  let state = at + 1;
  return Int16Array.from({ length: FRAME_SAMPLES }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.round((state / 2 ** 31 - 1) * (1_500 + 1_000 * Math.sin(at / 4)));
  });
}

/** Cuts sound into frames of 20 ms, the last filled with silence. */
export function cut(samples: Int16Array): Int16Array[] {
  return Array.from({ length: Math.ceil(samples.length / FRAME_SAMPLES) }, (_, at) => {
    const frame = new Int16Array(FRAME_SAMPLES);
    frame.set(samples.subarray(at * FRAME_SAMPLES, (at + 1) * FRAME_SAMPLES));
    return frame;
  });
}

export const silentFrames = (count: number) => Array.from({ length: count }, () => new Int16Array(FRAME_SAMPLES));

/** Keys as a telephone sends them: 100 ms each, and as long a pause. */
export const keyFrames = (digits: readonly Digit[]): Int16Array[] =>
  digits.flatMap((digit) => [...cut(keyTone(digit, 0, PRESSED_FRAMES * FRAME_SAMPLES)), ...silentFrames(PRESSED_FRAMES)]);
