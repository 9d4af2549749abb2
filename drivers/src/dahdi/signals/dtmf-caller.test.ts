import { expect, test } from "vitest";
import type { Digit } from "../../line/index.ts";
import { keyTone } from "../../sound/index.ts";
import type { CallerNumber } from "./caller-message.ts";
import { DtmfCaller } from "./dtmf-caller.ts";
import { concat, noise, silence } from "./sounds.testing.ts";

function hear(keys: string, { onMs = 70, offMs = 70, noiseDbm0 = -45 } = {}): readonly CallerNumber[] {
  const digits = [...keys] as Digit[];
  const sound = concat(silence(330), ...digits.map((key) => concat(keyTone(key, 0, onMs * 8), silence(offMs))), silence(600));
  const noisy = noise(sound, noiseDbm0);
  const caller = new DtmfCaller();
  const heard: CallerNumber[] = [];
  for (let at = 0; at < noisy.length; at += 160) {
    const one = caller.hear(noisy.subarray(at, at + 160));
    if (one) heard.push(one);
  }
  return heard;
}

test.each(["D13812345678C", "A13812345678C", "D13812345678#", "13812345678#", "13812345678C", "A13812345678", "13812345678"])(
  "%s is a caller's number",
  (keys) => {
    expect(hear(keys)).toEqual([{ number: "13812345678" }]);
    expect(hear(keys, { onMs: 50, offMs: 50 })).toEqual([{ number: "13812345678" }]);
  },
);

test.each([
  ["B10C", "private"],
  ["D1C", "private"],
  ["B00C", "unavailable"],
  ["D3C", "unavailable"],
] as const)("%s says that there is none: %s", (keys, withheld) => {
  expect(hear(keys)).toEqual([{ number: "", withheld }]);
});

test("a beginning anew counts from there", () => {
  expect(hear("12A5551234C")).toEqual([{ number: "5551234" }]);
});

test("a key or two are no number", () => {
  expect(hear("12")).toEqual([]);
  expect(hear("C")).toEqual([]);
});
