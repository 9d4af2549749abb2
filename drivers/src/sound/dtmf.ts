import type { Digit } from "../line/index.ts";

/** The two tones of each key in Hz (ITU-T Q.23): a row and a column of the keypad. */
export const ROWS: readonly number[] = [697, 770, 852, 941];
export const COLUMNS: readonly number[] = [1_209, 1_336, 1_477, 1_633];
/** The keys, row by row. */
export const KEYPAD: readonly Digit[] = ["1", "2", "3", "A", "4", "5", "6", "B", "7", "8", "9", "C", "*", "0", "#", "D"];

/** The amplitude of a sine of 0 dBm0 in 16-bit samples: 3.14 dB below the largest that A-law can carry (ITU-T G.711). */
const ZERO_DBM0 = 32_256 * 10 ** (-3.14 / 20);

/** The amplitude in 16-bit samples of a sine of so many dBm0. */
export const amplitudeOf = (dbm0: number) => ZERO_DBM0 * 10 ** (dbm0 / 20);

/** Levels within those of ITU-T Q.24: the higher tone 2 dB above the lower one, because lines weaken it more. */
const ROW_AMPLITUDE = amplitudeOf(-9);
const COLUMN_AMPLITUDE = amplitudeOf(-7);

/** The tones of a key from sample `start` of the press on, 8 kHz: `length` samples. */
export function keyTone(digit: Digit, start: number, length: number): Int16Array {
  const key = KEYPAD.indexOf(digit);
  const row = (2 * Math.PI * (ROWS[key >> 2] ?? 0)) / 8_000;
  const column = (2 * Math.PI * (COLUMNS[key & 3] ?? 0)) / 8_000;
  const samples = new Int16Array(length);
  for (let i = 0; i < length; i++)
    samples[i] = Math.round(ROW_AMPLITUDE * Math.sin(row * (start + i)) + COLUMN_AMPLITUDE * Math.sin(column * (start + i)));
  return samples;
}
