import { expect, test } from "vitest";
import { Reception } from "./reception.ts";

const packet = (sequence: number, ssrc = 1) => ({ ssrc, sequence: sequence & 0xffff, timestamp: (sequence * 160) >>> 0 });

test("loss is what is missing between the first and the highest sequence number, over the wrap and new senders", () => {
  const reception = new Reception();
  for (const sequence of [65_534, 65_535, 65_537, 65_536, 65_540]) reception.count(packet(sequence), sequence * 20);
  expect(reception.received).toBe(5);
  expect(reception.lost).toBe(2);
  expect(reception.count(packet(100, 2), 0)).toBe(true);
  expect(reception.count(packet(102, 2), 40)).toBe(false);
  expect(reception.lost).toBe(3);
});

test("jitter grows with uneven arrival and not with even", () => {
  const even = new Reception();
  const uneven = new Reception();
  for (let n = 0; n < 200; n++) {
    even.count(packet(n), n * 20);
    uneven.count(packet(n), n * 20 + (n % 2) * 10);
  }
  expect(even.jitterMs).toBe(0);
  expect(uneven.jitterMs).toBeCloseTo(10, 0);
});

test("a sender that begins to count anew has not lost what lies between", () => {
  const reception = new Reception();
  for (const sequence of [1, 2, 3]) reception.count(packet(sequence), 0);
  expect(reception.count(packet(30_000), 0)).toBe(false);
  expect(reception.count(packet(30_001), 0)).toBe(true);
  reception.count(packet(30_002), 0);
  expect(reception.lost).toBe(0);
  // One stray number is only that.
  expect([60_000, 30_003, 30_004].map((sequence) => reception.count(packet(sequence), 0))).toEqual([false, false, false]);
  expect(reception.lost).toBe(0);
});

test("a report tells the loss since the last one, and all of it", () => {
  const reception = new Reception();
  expect(reception.report()).toBeUndefined();
  for (const sequence of [65_533, 65_535, 65_536]) reception.count(packet(sequence), sequence * 20);
  expect(reception.report()).toEqual({ ssrc: 1, fractionLost: 64, cumulativeLost: 1, highest: 65_536, jitter: 0 });
  for (const sequence of [65_537, 65_538]) reception.count(packet(sequence), sequence * 20);
  expect(reception.report()).toMatchObject({ fractionLost: 0, cumulativeLost: 1, highest: 65_538 });
  expect(reception.report()).toMatchObject({ fractionLost: 0 });
  // Copies make the loss negative in sum, never in the fraction.
  for (let n = 0; n < 4; n++) reception.count(packet(65_538), 0);
  expect(reception.report()).toMatchObject({ fractionLost: 0, cumulativeLost: -3 });
});

test("the packets of a key, which bear the time of its beginning, are no jitter", () => {
  const reception = new Reception();
  for (let n = 0; n < 100; n++) {
    const isKey = n >= 50 && n < 60;
    reception.count({ ssrc: 1, sequence: n, timestamp: (isKey ? 50 : n) * 160 }, n * 20, !isKey);
  }
  expect(reception.jitterMs).toBe(0);
  expect(reception.lost).toBe(0);
});
