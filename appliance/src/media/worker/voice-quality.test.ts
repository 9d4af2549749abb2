import { expect, test } from "vitest";
import { mosOf, rate } from "./voice-quality.ts";

const mos = (lossPercent: number, meanBurst: number, delayMs: number) =>
  mosOf(rate({ lossRatio: lossPercent / 100, meanBurst, delayMs }));

test("a leg without loss and delay is as good as G.711 gets", () => {
  expect(rate({ lossRatio: 0, meanBurst: 0, delayMs: 0 })).toBe(93.2);
  expect(mos(0, 0, 0)).toBeCloseTo(4.41, 2);
});

/** The steps of ITU-T G.107 annex B: rating and score. */
test.each([
  [90, 4.34],
  [80, 4.02],
  [70, 3.6],
  [60, 3.1],
  [50, 2.58],
])("a rating of %i is a score of %f", (rating, score) => {
  expect(mosOf(rating)).toBeCloseTo(score, 2);
});

test("loss, its bursts and delay each make it worse, and it stays within 1 and 4.5", () => {
  expect(mos(2, 1, 50)).toBeLessThan(mos(1, 1, 50));
  expect(mos(5, 4, 50)).toBeLessThan(mos(5, 1, 50));
  expect(mos(1, 1, 400)).toBeLessThan(mos(1, 1, 150));
  for (const loss of [0, 1, 30, 100])
    for (const burst of [0, 1, 50])
      for (const delay of [0, 200, 5_000]) {
        expect(mos(loss, burst, delay)).toBeGreaterThanOrEqual(1);
        expect(mos(loss, burst, delay)).toBeLessThanOrEqual(4.5);
      }
});
