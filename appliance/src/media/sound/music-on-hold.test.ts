import { expect, test } from "vitest";
import { musicOnHold } from "./music-on-hold.ts";

async function first(seconds: number): Promise<Int16Array> {
  const sound = new Int16Array(seconds * 8_000);
  let at = 0;
  for await (const piece of musicOnHold()) {
    sound.set(piece.subarray(0, sound.length - at), at);
    at += piece.length;
    if (at >= sound.length) break;
  }
  return sound;
}

test("the loudest of it is 18 dB below full scale", async () => {
  const loudest = (await first(30)).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  expect(20 * Math.log10(loudest / 32_768)).toBeCloseTo(-18, 1);
});

test("it goes on past its end without a seam, and never falls silent", async () => {
  const sound = await first(65);
  const largestStep = (part: Int16Array) =>
    part.reduce((most, sample, i) => Math.max(most, i === 0 ? 0 : Math.abs(sample - (part[i - 1] ?? 0))), 0);
  // A piece is 29.1 s; nothing jumps where it begins again, nor where its parts join.
  expect(largestStep(sound)).toBe(largestStep(sound.subarray(0, 200_000)));
  expect(largestStep(sound)).toBeLessThan(2_500);
  for (let at = 0; at < sound.length; at += 8_000)
    expect(sound.subarray(at, at + 8_000).some((sample) => Math.abs(sample) > 200)).toBe(true);
});

test("it repeats after 29 seconds", async () => {
  const sound = await first(60);
  const period = 32 * Math.round((60 * 8_000) / 66);
  expect(sound.subarray(period, period + 80_000)).toEqual(sound.subarray(0, 80_000));
});
