const RATE = 8_000;
/** One beat at 66 to the minute. */
const BEAT = Math.round((60 * RATE) / 66);
const BEATS = 32;
/** −18 dBFS at the loudest: it stays below every voice. */
const PEAK = 32_768 * 10 ** (-18 / 20);

/** [beat, semitones from A4] of a melody in the pentatonic scale of D, written for this box. */
// biome-ignore format: one line a phrase
const MELODY: readonly (readonly [beat: number, note: number])[] = [
  [0, -3], [1, 0], [1.5, 2], [2, 5], [4, 2], [5, 0], [6, -3],
  [8, -5], [9, -3], [10, 0], [11, 2], [12, 0],
  [16, 5], [17, 7], [18, 5], [19, 2], [20, 0], [21, 2], [22, -3],
  [24, -7], [25, -5], [26, -3], [27.5, -5], [28, -7],
];
/** The deep notes under it, one a bar. */
const BASS: readonly number[] = [-19, -15, -14, -12, -19, -10, -12, -19];

/** A plucked string: overtones that die away the faster, the higher they are. */
function pluck(sound: Float64Array, at: number, hertz: number, level: number, seconds: number): void {
  for (const [n, share] of [1, 0.35, 0.12].entries()) {
    const turn = (2 * Math.PI * hertz * (n + 1)) / RATE;
    const decay = Math.exp((-3 * (1 + n / 2)) / (seconds * RATE));
    let loud = level * share;
    for (let i = 0; i < seconds * RATE; i++, loud *= decay) {
      const place = (at + i) % sound.length;
      sound[place] = (sound[place] ?? 0) + loud * Math.min(1, i / 160, (seconds * RATE - i) / 4_000) * Math.sin(turn * i);
    }
  }
}

let rendered: Int16Array | undefined;

/** The whole piece, 29 s. What rings on past its end is in its beginning, so it repeats without a seam. */
function piece(): Int16Array {
  if (rendered) return rendered;
  const sound = new Float64Array(BEATS * BEAT);
  const hertz = (note: number) => 440 * 2 ** (note / 12);
  for (const [beat, note] of MELODY) pluck(sound, Math.round(beat * BEAT), hertz(note), 1, 3);
  for (const [bar, note] of BASS.entries()) pluck(sound, bar * 4 * BEAT, hertz(note), 0.8, 5);
  const loudest = sound.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  rendered = Int16Array.from(sound, (sample) => Math.round((sample * PEAK) / loudest));
  return rendered;
}

/** Music for somebody who waits: a calm plucked melody of our own, synthesised, free of anybody's rights. Ends when the reader stops. */
export async function* musicOnHold(): AsyncGenerator<Int16Array> {
  const whole = piece();
  for (let at = 0; ; at = (at + RATE) % whole.length) {
    const part = whole.subarray(at, at + RATE);
    const wrapped = whole.subarray(0, RATE - part.length);
    yield wrapped.length === 0 ? part : Int16Array.of(...part, ...wrapped);
  }
}
