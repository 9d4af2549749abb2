import type { Digit } from "../line/index.ts";
import { amplitudeOf, COLUMNS, KEYPAD, ROWS } from "./dtmf.ts";

const RATE = 8_000;
/** 12.75 ms, so that neighbouring tones are told apart, looked at every 6.4 ms. */
const WINDOW = 102;
const HOP = WINDOW / 2;
/** Windows in a row that must agree: a tone of 40 ms fills four wherever it begins, one of 23 ms never does. */
const WINDOWS_OF_A_KEY = 4;
/** Windows in a row without it that end a key: an interruption of 10 ms, or a lost packet, does not; a pause of 40 ms does. */
const WINDOWS_OF_A_PAUSE = 6;
/** The weakest tone taken, within what ITU-T Q.24 leaves open: −25 dBm0 is to be heard, −29 is not. */
const WEAKEST = (amplitudeOf(-27) * WINDOW) / 2;
/**
 * How much stronger the higher tone may be than the lower one, and the lower than the higher: 4 and 8 dB by Q.24, and some for noise
 * and for what a strong tone adds to the weak one's band.
 */
const TWIST = 10 ** (5 / 10);
const REVERSE_TWIST = 10 ** (10 / 10);
/** How far a tone may be from its frequency: 1.5 % is to be taken, 3.5 % is not. */
const DEVIATION = 0.025;
/** The part of all power that the two tones must have: speech has its other harmonics. */
const PURITY = 0.85;
/** How much stronger a tone must be than the others of its group, where the other group's tone is seen too. */
const PROMINENCE = 10 ** (5 / 10);

/** One tone's bank: what Goertzel's algorithm gives for the current window and the one before it. */
class Tone {
  readonly hertz: number;
  readonly #cosine: number;
  readonly #sine: number;
  #real = 0;
  #imaginary = 0;
  #realBefore = 0;
  #imaginaryBefore = 0;
  power = 0;

  constructor(hertz: number) {
    this.hertz = hertz;
    this.#cosine = Math.cos((2 * Math.PI * hertz) / RATE);
    this.#sine = Math.sin((2 * Math.PI * hertz) / RATE);
  }

  look(window: Float64Array): void {
    const coefficient = 2 * this.#cosine;
    let before = 0;
    let last = 0;
    for (let i = 0; i < WINDOW; i++) {
      const next = (window[i] ?? 0) + coefficient * last - before;
      before = last;
      last = next;
    }
    this.#realBefore = this.#real;
    this.#imaginaryBefore = this.#imaginary;
    this.#real = last - before * this.#cosine;
    this.#imaginary = before * this.#sine;
    this.power = this.#real * this.#real + this.#imaginary * this.#imaginary;
  }

  /** How many Hz the tone is off, by how far its phase has turned since the window before; true up to ±78 Hz. */
  offBy(): number {
    const real = this.#real * this.#realBefore + this.#imaginary * this.#imaginaryBefore;
    const imaginary = this.#imaginary * this.#realBefore - this.#real * this.#imaginaryBefore;
    const turned = Math.atan2(imaginary, real) - (2 * Math.PI * this.hertz * HOP) / RATE;
    return ((turned - 2 * Math.PI * Math.round(turned / (2 * Math.PI))) * RATE) / (2 * Math.PI * HOP);
  }
}

/** The strongest of a group, where it stands out from the rest. */
function prominent(tones: readonly Tone[]): number | undefined {
  let best = 0;
  for (let at = 1; at < tones.length; at++) if ((tones[at]?.power ?? 0) > (tones[best]?.power ?? 0)) best = at;
  const least = (tones[best]?.power ?? 0) / PROMINENCE;
  return tones.every(({ power }, at) => at === best || power < least) ? best : undefined;
}

/** What of a tone's power a window shows when it is off its frequency. */
function shown(offHertz: number): number {
  const x = (Math.PI * offHertz * WINDOW) / RATE;
  return x === 0 ? 1 : (Math.sin(x) / x) ** 2;
}

/**
 * Hears keys in 8 kHz sound by their two tones (ITU-T Q.23), within the limits of Q.24, and not in speech: the two must be alone, stand in
 * their relation, hold their exact frequencies for 40 ms, and only then are they a key.
 */
export class KeyDetector {
  readonly #rows = ROWS.map((hertz) => new Tone(hertz));
  readonly #columns = COLUMNS.map((hertz) => new Tone(hertz));
  readonly #window = new Float64Array(WINDOW);
  #filled = HOP;
  #candidate: number | undefined;
  #agreeing = 0;
  #pressed: number | undefined;
  #missing = 0;

  /** Takes at most 40 ms of sound. Gives the key that was recognised in it, once for each press. */
  hear(samples: Int16Array): Digit | undefined {
    let heard: Digit | undefined;
    for (let from = 0; from < samples.length; ) {
      const taken = Math.min(samples.length - from, WINDOW - this.#filled);
      for (let i = 0; i < taken; i++) this.#window[this.#filled + i] = samples[from + i] ?? 0;
      this.#filled += taken;
      from += taken;
      if (this.#filled < WINDOW) break;
      heard = this.#judge(this.#key()) ?? heard;
      this.#window.copyWithin(0, HOP);
      this.#filled = HOP;
    }
    return heard;
  }

  #judge(key: number | undefined): Digit | undefined {
    this.#agreeing = key !== undefined && key === this.#candidate ? this.#agreeing + 1 : 1;
    this.#candidate = key;
    this.#missing = key !== undefined && key === this.#pressed ? 0 : this.#missing + 1;
    if (this.#missing >= WINDOWS_OF_A_PAUSE) this.#pressed = undefined;
    if (key === undefined || key === this.#pressed || this.#agreeing < WINDOWS_OF_A_KEY) return undefined;
    this.#pressed = key;
    this.#missing = 0;
    return KEYPAD[key];
  }

  /** The key whose tones the window holds. */
  #key(): number | undefined {
    let power = 0;
    for (const sample of this.#window) power += sample * sample;
    // Two tones at their weakest; silence needs no closer look.
    if (power < (4 * WEAKEST * WEAKEST) / WINDOW) return undefined;
    for (const tone of this.#rows) tone.look(this.#window);
    for (const tone of this.#columns) tone.look(this.#window);
    const row = prominent(this.#rows);
    const column = prominent(this.#columns);
    if (row === undefined || column === undefined) return undefined;
    const key = 4 * row + column;
    return this.#fits(key, power) ? key : undefined;
  }

  #fits(key: number, power: number): boolean {
    const row = this.#rows[key >> 2];
    const column = this.#columns[key & 3];
    if (!row || !column) return false;
    const [rowOff, columnOff] = [row.offBy(), column.offBy()];
    // The first window of a key has none before it to compare with.
    const follows = key === this.#candidate;
    if (follows && (Math.abs(rowOff) > DEVIATION * row.hertz || Math.abs(columnOff) > DEVIATION * column.hertz)) return false;
    const low = row.power / (follows ? shown(rowOff) : 1);
    const high = column.power / (follows ? shown(columnOff) : 1);
    if (Math.min(low, high) < WEAKEST * WEAKEST || high > low * TWIST || low > high * REVERSE_TWIST) return false;
    return (2 * (low + high)) / WINDOW >= (follows ? PURITY : PURITY / 2) * power;
  }
}
