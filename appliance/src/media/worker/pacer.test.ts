import fc from "fast-check";
import { expect, test } from "vitest";
import { Pacer, SLOT_MS } from "./pacer.ts";

test("however late each turn is, every slot comes exactly once and none before its time", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.array(fc.double({ min: 0, max: 120, noNaN: true }), { maxLength: 200 }),
      (start, lateness) => {
        const pacer = new Pacer(start);
        let now = start;
        let expected = 0;
        for (const late of lateness) {
          now += pacer.waitMs(now) + late;
          const due = pacer.due(now);
          if (!due) continue;
          expect(due.from).toBe(expected);
          expect(start + due.to * SLOT_MS).toBeLessThanOrEqual(now + 1e-6);
          expected = due.to + 1;
        }
        // No drift: the slots told so far are those of the time that has passed, not of the turns that were made.
        expect(Math.abs(expected - 1 - Math.floor((now - start) / SLOT_MS))).toBeLessThanOrEqual(1);
      },
    ),
  );
});

test("too early is no slot, and the wait ends at the next deadline", () => {
  const pacer = new Pacer(1_000);
  expect(pacer.due(1_000)).toEqual({ from: 0, to: 0 });
  expect(pacer.due(1_019)).toBeUndefined();
  expect(pacer.waitMs(1_019)).toBe(1);
  expect(pacer.due(1_075)).toEqual({ from: 1, to: 3 });
  expect(pacer.waitMs(1_075)).toBe(5);
  expect(pacer.waitMs(1_200)).toBe(0);
});
