import { amplitudeOf } from "../../sound/index.ts";
import { beginsMessage, type CallerNumber, decodeCallerMessage } from "./caller-message.ts";

const RATE = 8_000;
const BAUD = 1_200;
const BIT = RATE / BAUD;
/** Midway between mark and space of V.23 (1300/2100 Hz) as of Bell 202 (1200/2200 Hz), so that one receiver hears both. */
const MIDDLE_HERTZ = 1_700;
/** 1700 Hz at 8 kHz is the same again after so many samples. */
const MIDDLE_PERIOD = 80;
/** Passes what 1200 baud need around the middle, i.e. ±1 kHz. */
const LOW_PASS = lowPass(15, 900);
/** The mean over about a bit is what a bit is judged by. */
const SMOOTHED = 6;
const WEAKEST_POWER = (amplitudeOf(-43) / 2) ** 2;
/** Mark before the first byte: at least so many bits (at least 80 are sent), which the channel seizure's alternation never shows. */
const MARK_BITS_BEFORE = 14;
/** Mark between bytes: more means that the message was broken off. */
const MARK_BITS_BETWEEN = 25;

function lowPass(length: number, hertz: number): Float64Array {
  const middle = (length - 1) / 2;
  const taps = Float64Array.from({ length }, (_, at) => {
    const x = (2 * hertz * (at - middle)) / RATE;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    return sinc * (0.54 - 0.46 * Math.cos((2 * Math.PI * at) / (length - 1)));
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
}

export type FskHeard = { readonly type: "caller"; readonly caller: CallerNumber } | { readonly type: "broken" };

/** Turns sound into how far it is towards mark (above zero) or space (below), sample by sample. */
class Discriminator {
  readonly #real = new Float64Array(LOW_PASS.length);
  readonly #imaginary = new Float64Array(LOW_PASS.length);
  readonly #recent = new Float64Array(SMOOTHED);
  #count = 0;
  #realBefore = 0;
  #imaginaryBefore = 0;
  #power = 0;

  get carrier(): boolean {
    return this.#power > WEAKEST_POWER;
  }

  take(sample: number): number {
    const turn = (2 * Math.PI * MIDDLE_HERTZ * (this.#count % MIDDLE_PERIOD)) / RATE;
    const slot = this.#count % LOW_PASS.length;
    this.#real[slot] = sample * Math.cos(turn);
    this.#imaginary[slot] = -sample * Math.sin(turn);
    let real = 0;
    let imaginary = 0;
    for (let at = 0; at < LOW_PASS.length; at++) {
      const from = (slot + 1 + at) % LOW_PASS.length;
      real += (LOW_PASS[at] ?? 0) * (this.#real[from] ?? 0);
      imaginary += (LOW_PASS[at] ?? 0) * (this.#imaginary[from] ?? 0);
    }
    const turned = imaginary * this.#realBefore - real * this.#imaginaryBefore;
    const strength = real * real + imaginary * imaginary;
    this.#recent[this.#count % SMOOTHED] = -turned;
    this.#realBefore = real;
    this.#imaginaryBefore = imaginary;
    this.#power += (strength - this.#power) / 40;
    this.#count += 1;
    return this.#recent.reduce((sum, one) => sum + one, 0);
  }
}

/** Hears callers' numbers in FSK of 1200 baud, V.23 or Bell 202, as it goes between the first and the second ring (YD/T 1277, GR-30). */
export class FskReceiver {
  readonly #discriminator = new Discriminator();
  #last = 0;
  #at = 0;
  /** Since when there is mark; undefined while there is none, or no carrier. */
  #markFrom: number | undefined;
  /** When the start bit of the byte being read began, and how much of it is read. */
  #startAt: number | undefined;
  #bits = 0;
  #byte = 0;
  #message: number[] = [];
  /** When the last byte of the message ended. */
  #byteEndedAt = 0;

  /** Takes sound of any length. Gives the last message that ended in it. */
  hear(samples: Int16Array): FskHeard | undefined {
    let heard: FskHeard | undefined;
    for (const sample of samples) heard = this.#take(this.#discriminator.take(sample)) ?? heard;
    return heard;
  }

  #take(value: number): FskHeard | undefined {
    this.#at += 1;
    const before = this.#last;
    this.#last = value;
    if (!this.#discriminator.carrier) return this.#breakOff();
    if (this.#startAt !== undefined) return this.#readBit(before, value, this.#startAt);
    if (this.#message.length > 0 && this.#at - this.#byteEndedAt > MARK_BITS_BETWEEN * BIT) return this.#breakOff();
    if (value > 0) this.#markFrom ??= this.#at;
    else if (this.#markFrom !== undefined) {
      const markedBits = (this.#at - this.#markFrom) / BIT;
      this.#markFrom = undefined;
      if (this.#message.length === 0 && markedBits < MARK_BITS_BEFORE) return undefined;
      // Where between the two samples the zero was crossed.
      this.#startAt = this.#at - 1 + (before > 0 ? before / (before - value) : 0);
      this.#bits = 0;
      this.#byte = 0;
    }
    return undefined;
  }

  /** A start bit (space), eight bits from the lowest on, a stop bit (mark), each judged in its middle. */
  #readBit(before: number, value: number, startAt: number): FskHeard | undefined {
    const middleAt = startAt + (this.#bits + 0.5) * BIT;
    if (this.#at < middleAt) return undefined;
    const level = before + (value - before) * (middleAt - (this.#at - 1));
    if (this.#bits === 0 && level > 0) {
      this.#startAt = undefined;
      this.#markFrom = this.#at;
      return undefined;
    }
    if (this.#bits >= 1 && this.#bits <= 8 && level > 0) this.#byte |= 1 << (this.#bits - 1);
    this.#bits += 1;
    if (this.#bits <= 9) return undefined;
    this.#startAt = undefined;
    this.#byteEndedAt = this.#at;
    if (level <= 0) return this.#breakOff();
    this.#markFrom = this.#at;
    return this.#takeByte(this.#byte);
  }

  #takeByte(byte: number): FskHeard | undefined {
    if (this.#message.length === 0 && !beginsMessage(byte)) return undefined;
    this.#message.push(byte);
    if (this.#message.length < 3 || this.#message.length < (this.#message[1] ?? 0) + 3) return undefined;
    const caller = decodeCallerMessage(this.#message);
    this.#message = [];
    return caller ? { type: "caller", caller } : { type: "broken" };
  }

  #breakOff(): FskHeard | undefined {
    const broken = this.#message.length > 0;
    this.#message = [];
    this.#startAt = undefined;
    this.#markFrom = undefined;
    return broken ? { type: "broken" } : undefined;
  }
}

export interface FskOptions {
  readonly standard?: "v23" | "bell202";
  /** dBm0; exchanges send about −13.5. */
  readonly level?: number;
  readonly baud?: number;
  /** Bits of alternation before the message, for telephones that lie on their hook. */
  readonly seizureBits?: number;
  readonly markBits?: number;
}

const TONES = { v23: [1_300, 2_100], bell202: [1_200, 2_200] } as const;

/** The sound of a message: channel seizure, mark, the bytes with start and stop bits, a little mark; one phase throughout. */
export function fskSound(message: readonly number[], options: FskOptions = {}): Int16Array {
  const { standard = "bell202", level = -13.5, baud = BAUD, seizureBits = 300, markBits = 180 } = options;
  const bits = [
    ...Array.from({ length: seizureBits }, (_, at) => at & 1),
    ...Array<number>(markBits).fill(1),
    ...message.flatMap((byte) => [0, ...Array.from({ length: 8 }, (_, at) => (byte >> at) & 1), 1]),
    ...Array<number>(10).fill(1),
  ];
  const amplitude = amplitudeOf(level);
  const [mark, space] = TONES[standard];
  const samples = new Int16Array(Math.floor((bits.length * RATE) / baud));
  let phase = 0;
  for (let at = 0; at < samples.length; at++) {
    phase += (2 * Math.PI * (bits[Math.floor((at * baud) / RATE)] ? mark : space)) / RATE;
    samples[at] = Math.round(amplitude * Math.sin(phase));
  }
  return samples;
}
