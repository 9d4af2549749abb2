import { goertzel, tone } from "@sitebox/drivers/sound";
import { expect, test } from "vitest";
import { Concealment } from "./concealment.ts";

const frameOf = (sound: Int16Array, n: number) => sound.slice(n * 160, n * 160 + 160);

const loudest = (frame: Int16Array | undefined) => Math.max(...(frame ?? []).map(Math.abs));

test.each([1, 2, 3])("%i lost frames of a tone are filled with the same tone, without a step at either seam", (lost) => {
  const sound = tone(200, 400);
  const concealment = new Concealment();
  const out: number[] = [];
  for (let n = 0; n < 20; n++)
    out.push(...(n >= 10 && n < 10 + lost ? concealment.lost() : concealment.voice(frameOf(sound, n))));
  expect(goertzel(Int16Array.from(out.slice(1_600, 1_760)), 200)).toBeGreaterThan(7_500);
  expect(goertzel(Int16Array.from(out.slice(1_440 + lost * 160, 1_600 + lost * 160)), 200)).toBeGreaterThan(4_000);
  const steepest = Math.max(...Array.from({ length: 1_599 }, (_, i) => Math.abs((sound[i + 1] ?? 0) - (sound[i] ?? 0))));
  for (let i = 1_550; i < 1_750 + 160 * lost; i++)
    expect(Math.abs((out[i + 1] ?? 0) - (out[i] ?? 0))).toBeLessThan(steepest * 1.5);
});

test("a sound that is not periodic begins without a step as well", () => {
  const concealment = new Concealment();
  const rising = Int16Array.from({ length: 160 }, (_, i) => i * 100);
  for (let n = 0; n < 4; n++) concealment.voice(rising);
  expect(Math.abs((concealment.lost()[0] ?? 0) - 15_900)).toBeLessThan(1_500);
});

test("after 100 ms without sound there is quiet noise, not a buzz and not a dead line", () => {
  const concealment = new Concealment();
  for (let n = 0; n < 50; n++) concealment.voice(tone(700, 20, 40));
  for (let n = 0; n < 5; n++) concealment.voice(tone(200, 20));
  const made = Array.from({ length: 10 }, () => concealment.lost());
  expect(loudest(made[0])).toBeGreaterThan(7_000);
  for (const frame of made.slice(5)) {
    expect(loudest(frame)).toBeLessThan(150);
    expect(loudest(frame)).toBeGreaterThan(5);
  }
});

test("good frames pass untouched; the first after a silence is faded in", () => {
  const concealment = new Concealment();
  const frame = new Int16Array(160).fill(8_000);
  expect(concealment.voice(frame)).toBe(frame);
  concealment.lost();
  concealment.silence();
  const first = concealment.voice(frame);
  expect(Math.abs(first[0] ?? 0)).toBeLessThan(200);
  expect(first.subarray(40)).toEqual(frame.subarray(40));
  expect(concealment.voice(frame)).toBe(frame);
});
