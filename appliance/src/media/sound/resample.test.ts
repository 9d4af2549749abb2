import { goertzel, tone } from "@sitebox/drivers/sound";
import { expect, test } from "vitest";
import { resample8to16, resample16to8, upsampler } from "./resample.ts";

const middle = (samples: Int16Array) => samples.slice(200, -200);

test.each([300, 1_000, 3_400])("%i Hz keeps its strength in both directions", (frequency) => {
  expect(goertzel(middle(resample8to16(tone(frequency, 500))), frequency, 16_000)).toBeCloseTo(8_000, -2);
  expect(goertzel(middle(resample16to8(tone(frequency, 500, 8_000, 16_000))), frequency)).toBeCloseTo(8_000, -2);
});

test("what 8 kHz cannot carry does not fold back", () => {
  const folded = resample16to8(tone(5_000, 500, 8_000, 16_000));
  expect(goertzel(middle(folded), 3_000)).toBeLessThan(8);
});

test("no image appears above 4 kHz", () => {
  expect(goertzel(middle(resample8to16(tone(1_000, 500))), 7_000, 16_000)).toBeLessThan(8);
});

test("there and back again is the same sound at the same place", () => {
  const sound = tone(700, 200);
  const back = resample16to8(resample8to16(sound));
  expect(back.length).toBe(sound.length);
  const worst = Math.max(...middle(sound).map((sample, i) => Math.abs(sample - (middle(back)[i] ?? 0))));
  expect(worst).toBeLessThan(20);
});

test("a stream in frames sounds as the whole does", () => {
  const sound = tone(700, 200);
  const stream = upsampler();
  const frames = Array.from({ length: sound.length / 160 }, (_, i) => stream.process(sound.slice(i * 160, i * 160 + 160)));
  const joined = Int16Array.from(frames.flatMap((frame) => [...frame]));
  expect(joined.slice(32)).toEqual(resample8to16(sound).slice(0, -32));
});
