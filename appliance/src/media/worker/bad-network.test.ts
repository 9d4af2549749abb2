import { describe, expect, test } from "vitest";
import { hearThrough } from "./bad-network.ts";

const seeds = [1, 2, 3, 4, 5];

describe.each(seeds)("by chance number %i, for a minute", (seed) => {
  test.each([0, 1, 2])("%i %% loss and 30 ms jitter are hidden: no audible gap, and no click", (lossPercent) => {
    const heard = hearThrough({ lossPercent, meanBurst: 1, jitterMs: 30, seconds: 60, seed });
    expect(heard).toMatchObject({ gapMs: 0, longestGapMs: 0, clicks: 0 });
    expect(heard.mos).toBeGreaterThan(4);
    expect(heard.lateMs).toBeLessThanOrEqual(40);
    expect(heard.depthMs).toBeLessThanOrEqual(140);
  });

  test("30 % loss in bursts of five is no longer hidden, but no longer made worse either", () => {
    const heard = hearThrough({ lossPercent: 30, meanBurst: 5, jitterMs: 30, seconds: 60, seed });
    // A burst is heard as a gap after the 100 ms that are made up, and nothing is added to it.
    expect(heard.gapMs).toBeLessThan(heard.lostPackets * 20 * 0.5);
    expect(heard.mos).toBeLessThan(2);
  });
});

test("the same figures every time", () => {
  const network = { lossPercent: 10, meanBurst: 2, jitterMs: 20, seconds: 10, seed: 9 };
  expect(hearThrough(network)).toEqual(hearThrough(network));
});
