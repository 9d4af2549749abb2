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
