import fc from "fast-check";
import { expect, test } from "vitest";
import { PlayQueue } from "./play-queue.ts";

const counting = (from: number, length: number) => Int16Array.from({ length }, (_, i) => from + i);

test("a sound in pieces of any length is played sample by sample, once", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }), (lengths) => {
      const queue = new PlayQueue();
      queue.add(1);
      let total = 0;
      lengths.forEach((length, n) => {
        queue.feed(1, counting(total, length), n === lengths.length - 1);
        total += length;
      });
      const out: number[] = [];
      for (let frame = queue.next(); frame; frame = queue.next()) out.push(...frame);
      expect(out.slice(0, total)).toEqual([...counting(0, total)]);
      expect(out.slice(total).every((sample) => sample === 0)).toBe(true);
      expect(queue.ended()).toEqual([{ sound: 1, outcome: "finished", playedSamples: total }]);
    }),
  );
});

test("sounds follow each other without a gap", () => {
  const queue = new PlayQueue();
  queue.add(1);
  queue.feed(1, counting(1, 100), true);
  queue.add(2);
  queue.feed(2, counting(101, 220), true);
  expect([...(queue.next() ?? []), ...(queue.next() ?? [])]).toEqual([...counting(1, 320)]);
  expect(queue.ended().map(({ sound }) => sound)).toEqual([1, 2]);
});

test("a stream that runs dry holds its place and asks for more, once for each piece", () => {
  const queue = new PlayQueue();
  queue.add(1);
  queue.add(2);
  queue.feed(2, counting(1, 160), true);
  expect(queue.next()).toBeUndefined();
  queue.feed(1, counting(500, 100), false);
  expect(queue.hungry()).toEqual([1]);
  expect(queue.hungry()).toEqual([]);
  expect(queue.next()).toBeUndefined();
  queue.feed(1, new Int16Array(0), true);
  expect([...(queue.next() ?? [])].slice(98, 102)).toEqual([598, 599, 1, 2]);
});

test("stopping takes out one sound and tells how much of it was played, flushing takes all", () => {
  const queue = new PlayQueue();
  for (const id of [1, 2, 3]) {
    queue.add(id);
    queue.feed(id, counting(0, 1_600), true);
  }
  queue.next();
  queue.stop(2);
  queue.stop(99);
  queue.flush();
  expect(queue.ended()).toEqual([
    { sound: 2, outcome: "stopped", playedSamples: 0 },
    { sound: 1, outcome: "stopped", playedSamples: 160 },
    { sound: 3, outcome: "stopped", playedSamples: 0 },
  ]);
  expect(queue.next()).toBeUndefined();
});
