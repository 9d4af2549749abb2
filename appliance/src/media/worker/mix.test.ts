import { expect, test } from "vitest";
import { mix } from "./mix.ts";

const frame = (value: number) => new Int16Array(160).fill(value);

test("frames are added up sample by sample", () => {
  const ramp = Int16Array.from({ length: 160 }, (_, i) => i);
  expect(mix([ramp, frame(1_000), frame(-500)], new Int16Array(160))).toEqual(ramp.map((sample) => sample + 500));
});

test("what is too loud stays at the limit and does not wrap around", () => {
  const out = new Int16Array(160);
  expect(mix([frame(30_000), frame(30_000), frame(30_000)], out)).toEqual(frame(32_767));
  expect(mix([frame(-30_000), frame(-30_000)], out)).toEqual(frame(-32_768));
  expect(mix([frame(30_000), frame(30_000), frame(-30_000)], out)).toEqual(frame(30_000));
});
