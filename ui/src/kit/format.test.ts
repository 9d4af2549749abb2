import { describe, expect, it } from "vitest";
import { ageOf, bytes, dateTime, linePath, maskNumber, peaksOf, timer } from "./index.ts";

const MINUTE_MS = 60_000;

describe("an age", () => {
  it.each([
    [0, "now", 0],
    [-5_000, "now", 0],
    [59_999, "now", 0],
    [MINUTE_MS, "minutes", 1],
    [59 * MINUTE_MS, "minutes", 59],
    [60 * MINUTE_MS, "hours", 1],
    [26 * 60 * MINUTE_MS, "days", 1],
  ] as const)("of %d ms is told in %s", (ms, unit, count) => {
    expect(ageOf(1_000_000, 1_000_000 + ms)).toEqual({ unit, count });
  });
});

describe("a duration", () => {
  it.each([
    [0, "0:00"],
    [-1, "0:00"],
    [65_900, "1:05"],
    [3_729_000, "1:02:09"],
  ])("of %d ms reads %s", (ms, text) => {
    expect(timer(ms)).toBe(text);
  });
});

describe("an instant", () => {
  const now = new Date(2026, 10, 21, 15, 0).getTime();
  it("of today is told by the clock alone", () => {
    expect(dateTime(new Date(2026, 10, 21, 9, 7).getTime(), "zh-CN", now)).toBe("09:07");
  });
  it("of another day carries its date, of another year its year", () => {
    expect(dateTime(new Date(2026, 10, 20, 9, 7).getTime(), "zh-CN", now)).toBe("11/20 09:07");
    expect(dateTime(new Date(2025, 0, 2, 9, 7).getTime(), "zh-CN", now)).toBe("2025/01/02 09:07");
  });
});

describe("a number of bytes", () => {
  it.each([
    [0, "0 B"],
    [1_023, "1023 B"],
    [1_536, "1.5 KB"],
    [8 * 1_024 ** 3, "8.0 GB"],
    [20 * 1_024 ** 3, "20 GB"],
  ])("%d reads %s", (count, text) => {
    expect(bytes(count)).toBe(text);
  });
});

describe("a telephone number", () => {
  it("is shown without its middle", () => {
    expect(maskNumber("13812345678")).toBe("138****5678");
  });
  it("is shown whole when it is an extension or a room", () => {
    expect(maskNumber("806")).toBe("806");
    expect(maskNumber("8001")).toBe("8001");
  });
});

describe("a drawn line", () => {
  it("needs two points", () => {
    expect(linePath([{ x: 1, y: 1 }], { width: 10, height: 10 })).toBe("");
  });
  it("goes from the left edge to the right, larger values higher, and stays within its frame", () => {
    const points = [
      { x: 10, y: 0 },
      { x: 15, y: 50 },
      { x: 20, y: 300 },
    ];
    expect(linePath(points, { width: 100, height: 20, top: 100 })).toBe("M0.0 20.0L50.0 10.0L100.0 0.0");
  });
});

describe("a waveform", () => {
  it("keeps the loudest sample of each part", () => {
    expect(peaksOf(Float32Array.from([0, 0.5, -1, 0.25, 0, 0]), 3)).toEqual([0.5, 1, 0]);
  });
  it("of nothing is nothing", () => {
    expect(peaksOf(new Float32Array(0), 4)).toEqual([]);
  });
});
