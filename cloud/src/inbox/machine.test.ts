import fc from "fast-check";
import { expect, test } from "vitest";
import { type Received, reach, receive, type Span } from "./machine.ts";

const one = (seq: number): Span => ({ from: seq, to: seq });
const nothing: Received = { upto: 0, held: [] };

test("what is beyond a gap is held and counts once the gap is closed", () => {
  const first = receive(nothing, [one(1), one(3), one(4)]);
  expect(first.next).toEqual({ upto: 1, held: [one(3), one(4)] });
  expect(receive(first.next, [one(2)]).next).toEqual({ upto: 4, held: [] });
});

test("what is known already, or absurdly far ahead, is not worth keeping", () => {
  const { fresh, next } = receive({ upto: 5, held: [] }, [one(5), one(6), one(7 + reach)]);
  expect(fresh).toEqual([one(6)]);
  expect(next.upto).toBe(6);
});

test("a box that dropped very much goes on right after it", () => {
  const dropped = { from: 6, to: 5 + 3 * reach };
  const { fresh, next } = receive({ upto: 5, held: [] }, [one(dropped.to + 1), dropped]);
  expect(fresh).toHaveLength(2);
  expect(next).toEqual({ upto: dropped.to + 1, held: [] });
});

test("any order, repetition and dropping of ranges reaches the end as soon as everything has come", () => {
  const stream = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 30, size: "max" }).map((lengths) => {
    let from = 1;
    return lengths.map((length) => {
      const span = { from, to: from + length - 1 };
      from += length;
      return span;
    });
  });
  const arrivals = stream.chain((spans) =>
    fc.tuple(
      fc.constant(spans),
      fc.array(fc.constantFrom(...spans), { maxLength: 60, size: "max" }),
      fc.shuffledSubarray(spans, { minLength: spans.length }),
      fc.integer({ min: 1, max: 7 }),
    ),
  );
  fc.assert(
    fc.property(arrivals, ([spans, noise, all, size]) => {
      let received = nothing;
      const sequence = [...noise, ...all];
      for (let at = 0; at < sequence.length; at += size) {
        const { next } = receive(received, sequence.slice(at, at + size));
        expect(next.upto).toBeGreaterThanOrEqual(received.upto);
        const seen = sequence.slice(0, at + size);
        const missing = spans.find((span) => !seen.includes(span));
        expect(next.upto).toBe(missing ? missing.from - 1 : spans.at(-1)?.to);
        received = next;
      }
    }),
  );
});
