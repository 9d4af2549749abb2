import { tone } from "@sitebox/drivers/sound";
import { afterEach, expect, test } from "vitest";
import { frames, hear, MediaRig, strengths } from "./testing/index.ts";

const TONES = [400, 700, 1_000] as const;
const LOUD = 4_000;
const ABSENT = 300;

let rig: MediaRig;
afterEach(() => rig[Symbol.asyncDispose]());

/** Three calls whose far ends speak a tone each. */
async function three(maxLegsPerWorker: number) {
  rig = await MediaRig.open({ maxLegsPerWorker });
  const [a, b, c] = await Promise.all([rig.call(), rig.call(), rig.call()]);
  for (const [n, call] of [a, b, c].entries()) void call.far.leg.play(tone(TONES[n] ?? 0, 60_000, 6_000));
  return [a, b, c] as const;
}

const workers: [string, number][] = [
  ["in one worker", 100],
  ["in three workers", 1],
];

test.each(workers)("of three legs linked pairwise each hears the two others and not itself, %s", async (_, maxLegs) => {
  const [a, b, c] = await three(maxLegs);
  expect(rig.media.workers.length).toBe(maxLegs === 1 ? 3 : 1);
  await a.near.leg.bridge(b.near.leg);
  await a.near.leg.bridge(c.near.leg);
  await b.near.leg.bridge(c.near.leg);
  for (const [n, { far }] of [a, b, c].entries()) {
    const others = TONES.filter((_, i) => i !== n);
    const heard = await strengths(far.leg, others, TONES);
    for (const [i, strength] of heard.entries()) {
      if (i === n) expect(strength).toBeLessThan(ABSENT);
      else expect(strength).toBeGreaterThan(LOUD);
    }
  }
});

test.each(workers)("one of three leaves, and the other two go on, %s", async (_, maxLegs) => {
  const [a, b, c] = await three(maxLegs);
  await a.near.leg.bridge(b.near.leg);
  await a.near.leg.bridge(c.near.leg);
  await b.near.leg.bridge(c.near.leg);
  await strengths(a.far.leg, [700, 1_000], []);
  await c.near.port[Symbol.asyncDispose]();
  await hear(a.far.leg, frames(40));
  const [own = 0, other = 0, left = 0] = await strengths(a.far.leg, [700], TONES);
  expect([own < ABSENT, other > LOUD, left < ABSENT]).toEqual([true, true, true]);
});

test.each(workers)("a leg that only hears is not heard itself, %s", async (_, maxLegs) => {
  const [a, b, c] = await three(maxLegs);
  await a.near.leg.bridge(b.near.leg);
  await c.near.leg.bridge(a.near.leg, { direction: "hear" });
  await c.near.leg.bridge(b.near.leg, { direction: "hear" });
  const atC = await strengths(c.far.leg, [400, 700], TONES);
  expect(atC.map((strength) => strength > LOUD)).toEqual([true, true, false]);
  const atA = await strengths(a.far.leg, [700], TONES);
  expect(atA.map((strength) => strength > ABSENT)).toEqual([false, true, false]);
});

test.each(workers)(
  "unbridging one link leaves the others, and a link is stated anew by linking again, %s",
  async (_, maxLegs) => {
    const [a, b, c] = await three(maxLegs);
    await a.near.leg.bridge(b.near.leg);
    await c.near.leg.bridge(a.near.leg);
    await strengths(a.far.leg, [700, 1_000], []);
    await b.near.leg.unbridge(a.near.leg);
    await hear(a.far.leg, frames(40));
    const after = await strengths(a.far.leg, [1_000], TONES);
    expect(after.map((strength) => strength > ABSENT)).toEqual([false, false, true]);
    await a.near.leg.bridge(c.near.leg, { direction: "hear" });
    await hear(c.far.leg, frames(40));
    const still = await strengths(a.far.leg, [1_000], TONES);
    expect(still[2]).toBeGreaterThan(LOUD);
    const silent = await hear(c.far.leg, frames(20));
    expect(silent.flatMap((frame) => [...frame]).every((sample) => Math.abs(sample) < 100)).toBe(true);
    await a.near.leg.unbridge();
    await a.near.leg.unbridge();
  },
);
