import { expect, test } from "vitest";
import { bursts, departuresIn, interDepartures, seeded, silenceIn } from "./media-figures.ts";

test("the times between packets are taken within each stream", () => {
  const streams = new Map([
    ["a", [0, 20, 41]],
    ["b", [7, 26]],
    ["c", [3]],
  ]);
  expect([...interDepartures(streams)]).toEqual([19, 20, 21]);
});

test("silence is counted between the first sound and the last", () => {
  expect(silenceIn([0, 0, 500, 0, 500, 0, 0, 0, 500, 0])).toEqual({ totalMs: 80, longestMs: 60 });
  expect(silenceIn([0, 0])).toEqual({ totalMs: 0, longestMs: 0 });
  expect(silenceIn([500, 500])).toEqual({ totalMs: 0, longestMs: 0 });
});

test("as many packets are lost as asked for, in bursts as long as asked for", () => {
  const losing = bursts(0.3, 4, seeded(1));
  const lost = Array.from({ length: 100_000 }, () => losing.next().value);
  const count = lost.filter(Boolean).length;
  const begun = lost.filter((one, n) => one && !lost[n - 1]).length;
  expect(count / lost.length).toBeCloseTo(0.3, 1);
  expect(count / begun).toBeGreaterThan(3.7);
  expect(count / begun).toBeLessThan(4.3);
});

test("no loss asked for is none", () => {
  const losing = bursts(0, 4, seeded(1));
  expect(Array.from({ length: 1_000 }, () => losing.next().value).some(Boolean)).toBe(false);
});

function record(seconds: number, fraction: number, protocol = 17): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(seconds, 0);
  header.writeUInt32LE(fraction, 4);
  header.writeUInt32LE(42, 8);
  header.writeUInt32LE(214, 12);
  const frame = Buffer.alloc(42);
  frame.writeUInt16BE(0x0800, 12);
  frame.writeUInt8(0x45, 14);
  frame.writeUInt8(protocol, 23);
  frame.set([127, 0, 0, 1, 10, 0, 0, 7], 26);
  frame.writeUInt16BE(50_000, 34);
  frame.writeUInt16BE(6_000, 36);
  return Buffer.concat([header, frame]);
}

test("a capture gives the departures of its UDP packets, whatever else is in it or cut off at its end", () => {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  const cut = record(3, 0).subarray(0, 10);
  const capture = Buffer.concat([header, record(1, 500_000), record(1, 510_000, 6), record(1, 520_250), cut]);
  expect([...departuresIn(capture)]).toEqual([["127.0.0.1:50000>10.0.0.7:6000", [1_500, 1_520.25]]]);
  expect(() => departuresIn(Buffer.alloc(24))).toThrow("pcap");
});
