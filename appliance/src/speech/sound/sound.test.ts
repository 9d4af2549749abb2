import { goertzel, tone } from "@sitebox/drivers/sound";
import { expect, test } from "vitest";
import { CallerLevel, Leveller, level, normalizeLoudness, resample } from "./index.ts";

const rms = (samples: Int16Array) => Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
const scaled = (samples: Int16Array, gain: number) => samples.map((sample) => Math.round(sample * gain));
const window = () => tone(440, 32);

test("a tone keeps its pitch and level from 22,050 to 8,000 Hz", () => {
  const original = Int16Array.from({ length: 22_050 }, (_, at) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * 1_000 * at) / 22_050)),
  );
  const converted = resample(original, 22_050, 8_000);
  expect(converted.length).toBe(8_000);
  expect(rms(converted.subarray(100, 7_900)) / rms(original)).toBeCloseTo(1, 1);
  expect(goertzel(converted, 1_000)).toBeGreaterThan(100 * goertzel(converted, 1_500));
});

test("what the telephone cannot carry does not fold back", () => {
  const high = Int16Array.from({ length: 22_050 }, (_, at) => Math.round(10_000 * Math.sin((2 * Math.PI * 6_000 * at) / 22_050)));
  expect(rms(resample(high, 22_050, 8_000).subarray(100, 7_900))).toBeLessThan(rms(high) / 100);
});

test("soft and loud recordings reach the recogniser at one level", () => {
  const levels = [0.3, 1, 3].map((gain) => rms(level(scaled(tone(440, 500), gain), 512)));
  for (const one of levels) expect(one / (levels[0] ?? 0)).toBeCloseTo(1, 1);
});

test("a voice is brought up without clipping, and silence stays silence", () => {
  const soft = scaled(tone(440, 500), 0.2);
  expect(rms(normalizeLoudness(soft))).toBeGreaterThan(rms(soft));
  expect(normalizeLoudness(new Int16Array(100))).toEqual(new Int16Array(100));
});

test("an utterance is held until its level is known, and then nothing of it is missing", () => {
  const known = new CallerLevel();
  const leveller = new Leveller(known);
  const passed: Int16Array[] = [];
  for (let index = 0; index < 12; index++) {
    const quiet = scaled(window(), 0.1);
    known.add(quiet);
    passed.push(...leveller.push(quiet));
    if (index < 9) expect(passed).toHaveLength(0);
  }
  expect(passed).toHaveLength(12);
  expect(new Set(passed.map((one) => Math.round(rms(one) / 20)))).toHaveLength(1);
});
