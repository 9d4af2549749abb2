import { expect, test } from "vitest";
import { goertzel, tone } from "../sound/index.ts";
import { Concealment } from "./concealment.ts";

const frameOf = (sound: Int16Array, n: number) => sound.slice(n * 160, n * 160 + 160);

test("a lost frame of a tone is filled with the same tone, without a step at either seam", () => {
  const sound = tone(200, 400);
  const concealment = new Concealment();
  const out: number[] = [];
  for (let n = 0; n < 20; n++) out.push(...(n === 10 ? concealment.lost() : concealment.voice(frameOf(sound, n))));
  expect(goertzel(Int16Array.from(out.slice(1_600, 1_760)), 200)).toBeGreaterThan(5_000);
  const steepest = Math.max(...Array.from({ length: 1_599 }, (_, i) => Math.abs((sound[i + 1] ?? 0) - (sound[i] ?? 0))));
  for (let i = 1_550; i < 1_850; i++) expect(Math.abs((out[i + 1] ?? 0) - (out[i] ?? 0))).toBeLessThan(steepest * 1.5);
});

test("after 60 ms without sound there is silence, not a buzz", () => {
  const concealment = new Concealment();
  concealment.voice(tone(200, 20));
  const made = Array.from({ length: 5 }, () => concealment.lost());
  expect(made.slice(3).every((frame) => frame.every((sample) => sample === 0))).toBe(true);
  expect(made[0]?.some((sample) => Math.abs(sample) > 4_000)).toBe(true);
});

test("good frames pass untouched", () => {
  const concealment = new Concealment();
  const frame = tone(440, 20);
  expect(concealment.voice(frame)).toBe(frame);
});
