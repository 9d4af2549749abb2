import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Digit } from "../line/index.ts";
import { amplitudeOf, COLUMNS, KEYPAD, keyTone, ROWS } from "./dtmf.ts";
import { alaw } from "./g711.ts";
import { KeyDetector } from "./key-detector.ts";

interface Press {
  readonly durationMs?: number;
  readonly pauseMs?: number;
  readonly rowDbm0?: number;
  readonly columnDbm0?: number;
  /** Both frequencies off by this factor. */
  readonly off?: number;
}

function pressed(digit: Digit, press: Press = {}): number[] {
  const { durationMs = 40, pauseMs = 40, rowDbm0 = -10, columnDbm0 = -10, off = 1 } = press;
  const key = KEYPAD.indexOf(digit);
  const row = (2 * Math.PI * (ROWS[key >> 2] ?? 0) * off) / 8_000;
  const column = (2 * Math.PI * (COLUMNS[key & 3] ?? 0) * off) / 8_000;
  const down = Array.from(
    { length: durationMs * 8 },
    (_, i) => amplitudeOf(rowDbm0) * Math.sin(row * i) + amplitudeOf(columnDbm0) * Math.sin(column * i + 1),
  );
  return [...down, ...Array<number>(pauseMs * 8).fill(0)];
}

/** Uniform noise, the same each time. */
function noisy(sound: readonly number[], dbm0: number): number[] {
  let seed = 1;
  const most = amplitudeOf(dbm0) * Math.sqrt(1.5);
  return sound.map((sample) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return sample + most * (seed / 2 ** 31 - 1);
  });
}

/** What is heard of it over A-law, wherever in it a frame happens to begin. */
function heard(sound: readonly number[], shift = 0): string {
  const detector = new KeyDetector();
  const whole = alaw.decode(alaw.encode(Int16Array.from([...Array<number>(shift).fill(0), ...sound], Math.round)));
  const keys: Digit[] = [];
  for (let at = 0; at < whole.length; at += 160) {
    const key = detector.hear(whole.subarray(at, at + 160));
    if (key !== undefined) keys.push(key);
  }
  return keys.join("");
}

const everywhere = (sound: readonly number[]) => new Set(Array.from({ length: 51 }, (_, shift) => heard(sound, shift)));

describe("by the limits of ITU-T Q.24", () => {
  const all = KEYPAD.join("");
  const each = (press: Press) => KEYPAD.flatMap((digit) => pressed(digit, press));

  test("40 ms of a key and 40 ms of pause are enough", () => {
    expect(everywhere(each({}))).toEqual(new Set([all]));
  });

  test("the same key twice is two keys, and one long key is one", () => {
    expect(heard([...pressed("5"), ...pressed("5"), ...pressed("5", { durationMs: 3_000 })])).toBe("555");
  });

  test.each([0.985, 1.015])("frequencies off by the factor %f are taken", (off) => {
    expect(everywhere(each({ off }))).toEqual(new Set([all]));
  });

  test.each([0.96, 0.965, 1.035, 1.04])("frequencies off by the factor %f are not", (off) => {
    expect(everywhere(each({ off, durationMs: 100 }))).toEqual(new Set([""]));
  });

  test.each([
    [-3, -3],
    [-25, -25],
    [-16, -12],
    [-8, -16],
  ])("levels of %i and %i dBm0 are taken", (rowDbm0, columnDbm0) => {
    expect(heard(each({ rowDbm0, columnDbm0 }))).toBe(all);
  });

  test.each([
    [-30, -30],
    [-20, -10],
    [-8, -20],
  ])("levels of %i and %i dBm0 are not", (rowDbm0, columnDbm0) => {
    expect(heard(each({ rowDbm0, columnDbm0 }))).toBe("");
  });

  test("a tone of 23 ms is not a key, an interruption of 10 ms is not a pause", () => {
    expect(everywhere(each({ durationMs: 23 }))).toEqual(new Set([""]));
    const interrupted = pressed("9", { durationMs: 100 }).map((sample, i) => (i >= 400 && i < 480 ? 0 : sample));
    expect(everywhere(interrupted)).toEqual(new Set(["9"]));
  });

  test("noise 20 dB below the tones does not hide them", () => {
    expect(heard(noisy(each({ durationMs: 50, pauseMs: 50 }), -30))).toBe(all);
  });

  test("one tone alone, and two of one group, are no key", () => {
    expect(heard(pressed("1", { durationMs: 500, columnDbm0: -60 }))).toBe("");
    const rows = Array.from({ length: 4_000 }, (_, i) => 4_000 * (Math.sin(i * 0.547_4) + Math.sin(i * 0.604_8)));
    expect(heard(rows)).toBe("");
  });
});

test("what we press ourselves is heard", () => {
  const sound = KEYPAD.flatMap((digit) => [...keyTone(digit, 0, 800), ...Array<number>(480).fill(0)]);
  expect(heard(sound)).toBe(KEYPAD.join(""));
});

test("human voices, dialling tones and noise are no keys", () => {
  const folder = join(import.meta.dirname, "../../../../shared/audio");
  const files = ["human-zh", "noise"].flatMap((kind) =>
    readdirSync(join(folder, kind)).flatMap((file) => (file.endsWith(".wav") ? [join(folder, kind, file)] : [])),
  );
  let seconds = 0;
  for (const file of files)
    for (const gain of [-12, 0, 12]) {
      const pcm = execFileSync(
        "sox",
        [file, "-r", "8000", "-c", "1", "-b", "16", "-t", "raw", "-", "norm", "-3", "vol", `${gain}dB`],
        {
          maxBuffer: 1 << 28,
          stdio: ["ignore", "pipe", "ignore"],
        },
      );
      const sound = Array.from({ length: pcm.length >> 1 }, (_, i) => pcm.readInt16LE(2 * i));
      expect([file, heard(sound)]).toEqual([file, ""]);
      seconds += sound.length / 8_000;
    }
  expect(seconds).toBeGreaterThan(60);
  const ringing = Array.from({ length: 16_000 }, (_, i) => 8_000 * Math.sin((2 * Math.PI * 450 * i) / 8_000));
  expect(heard(ringing)).toBe("");
});
