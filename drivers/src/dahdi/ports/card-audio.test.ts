import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { CardAudio } from "./card-audio.ts";

const frame = (value: number) => new Int16Array(160).fill(value);

test("a second of sound waits for the card; who writes faster loses the oldest", async () => {
  const audio = new CardAudio(new VirtualClock());
  for (let at = 0; at < 60; at++) audio.write(frame(at));
  expect(audio.counts).toEqual({ came: 0, filled: 0, dropped: 0, unsaid: 10 });
  const played: number[] = [];
  for (let next = audio.next(); next; next = audio.next()) played.push(next[0] ?? -1);
  expect(played).toEqual(Array.from({ length: 50 }, (_, at) => at + 10));
  await audio[Symbol.asyncDispose]();
});

test("what nobody reads does not pile up, and the reading ends with the port", async () => {
  const clock = new VirtualClock();
  const audio = new CardAudio(clock);
  for (let at = 0; at < 60; at++) audio.hear(frame(at));
  await clock.advance(1_500);
  expect(audio.counts).toEqual({ came: 60, filled: 0, dropped: 0, unsaid: 0, quietMs: 1_500 });
  await audio[Symbol.asyncDispose]();
  audio.write(frame(1));
  const heard: number[] = [];
  for await (const one of audio.frames) heard.push(one[0] ?? -1);
  expect([heard.length, heard[0], audio.next()]).toEqual([50, 10, undefined]);
  expect(audio.counts.quietMs).toBeUndefined();
});
