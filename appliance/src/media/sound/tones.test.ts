import { goertzel } from "@sitebox/drivers/sound";
import { expect, test } from "vitest";
import { beep, busyTone, callWaitingTone, congestionTone, dialTone, ringBackTone, specialInformationTone } from "./tones.ts";

async function first(source: AsyncIterable<Int16Array>, ms: number): Promise<Int16Array> {
  const samples: number[] = [];
  for await (const piece of source) {
    samples.push(...piece);
    if (samples.length >= ms * 8) break;
  }
  return Int16Array.from(samples.slice(0, ms * 8));
}

/** The lengths of sound and silence in turn, in ms to the nearest 10. */
function cadence(sound: Int16Array): number[] {
  const spans: number[] = [];
  let on: boolean | undefined;
  for (let at = 0; at + 80 <= sound.length; at += 80) {
    const loud = sound.subarray(at, at + 80).some((sample) => Math.abs(sample) > 500);
    if (loud !== on) spans.push(0);
    spans[spans.length - 1] = (spans.at(-1) ?? 0) + 10;
    on = loud;
  }
  return spans;
}

test.each([
  ["ring-back", ringBackTone, [1_000, 4_000, 1_000, 4_000]],
  ["busy", busyTone, [350, 350, 350, 350]],
  ["congestion", congestionTone, [700, 700, 700, 700]],
  ["call waiting", callWaitingTone, [400, 4_000, 400, 4_000]],
  ["special information", specialInformationTone, [100, 100, 100, 100, 100, 100, 400, 400, 100, 100]],
])("the %s tone is 450 Hz in its cadence", async (_, source, spans) => {
  const sound = await first(
    source(),
    spans.reduce((sum, ms) => sum + ms, 0),
  );
  expect(cadence(sound)).toEqual(spans);
  expect(goertzel(sound.subarray(80, 720), 450)).toBeGreaterThan(4_500);
});

test("the dial tone is one unbroken sine over the seams of its pieces", async () => {
  const sound = await first(dialTone(), 3_000);
  expect(cadence(sound)).toEqual([3_000]);
  expect(goertzel(sound, 450)).toBeGreaterThan(4_990);
});

test("the beep is short and does not click", () => {
  expect(beep.length).toBe(2_000);
  expect(beep[0]).toBe(0);
  expect(Math.abs(beep.at(-1) ?? 1)).toBe(0);
  expect(goertzel(beep, 1_000)).toBeGreaterThan(6_000);
});
