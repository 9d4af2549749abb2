import { expect, test } from "vitest";
import { bargeInStops, replyLatencies, utterances } from "./latency.ts";

/** A channel with noise where it speaks. */
function channel(lengthMs: number, ...spoken: [number, number][]): Int16Array {
  const samples = new Int16Array(lengthMs * 8);
  for (const [from, to] of spoken) for (let i = from * 8; i < to * 8; i++) samples[i] = i % 2 ? 3_000 : -3_000;
  return samples;
}

test("pauses inside an utterance do not cut it, clicks are none", () => {
  expect(utterances(channel(3_000, [500, 900], [1_100, 1_500], [2_500, 2_540]))).toEqual([{ startMs: 500, endMs: 1_500 }]);
});

test("a reply is measured from the caller's last voiced frame", () => {
  expect(replyLatencies(channel(5_000, [1_000, 2_000]), channel(5_000, [0, 500], [2_600, 4_000]))).toEqual([600]);
});

test("an utterance that was not answered gives no figure", () => {
  expect(replyLatencies(channel(5_000, [1_000, 2_000], [3_000, 3_500]), channel(5_000, [4_000, 4_500]))).toEqual([500]);
});

test("a barge-in is measured from the onset to the last voiced frame of the box", () => {
  expect(bargeInStops(channel(5_000, [2_000, 3_000]), channel(5_000, [1_000, 2_240]))).toEqual([240]);
});
