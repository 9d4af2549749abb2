import { VirtualClock } from "@sitebox/core/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Digit } from "../../line/index.ts";
import { digitOf, type KeySource, KeysHeard } from "./keys-heard.ts";

const anyPress = fc.record({
  digit: fc.constantFrom<Digit>("1", "2", "#"),
  by: fc.constantFrom<"modem" | "sound" | "both">("modem", "sound", "both"),
  /** How long the modem's word comes behind the tones. */
  lateMs: fc.integer({ min: 0, max: 90 }),
});

test("each press is heard once, whichever way tells of it, or both", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyPress, { maxLength: 20 }), async (presses) => {
      const clock = new VirtualClock();
      const keys = new KeysHeard(clock);
      const take = (from: KeySource, digit: Digit) => keys.take(from, digit);
      for (const { digit, by, lateMs } of presses) {
        if (by !== "modem") take("sound", digit);
        if (by !== "sound") clock.after(lateMs, () => take("modem", digit));
        // Both tell of the keys that one of them missed 100 ms apart at the least; beyond the window nothing is matched.
        await clock.advance(by === "both" ? 100 : 900);
      }
      keys.close();
      const heard: Digit[] = [];
      for await (const digit of keys.stream) heard.push(digit);
      expect(heard).toEqual(presses.map(({ digit }) => digit));
    }),
    { numRuns: 100 },
  );
});

test.each([
  ["5", "5"],
  ["a", "A"],
  ["49", "1"],
  ["42", "*"],
  ["35", "#"],
  ["68", "D"],
  ["99", undefined],
  ["x", undefined],
  ["123", undefined],
])("a modem that says %s means %s", (word, digit) => {
  expect(digitOf(word)).toBe(digit);
});
