import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { PacedAudio } from "./index.ts";

const frame = (value: number) => new Int16Array(160).fill(value);

test("a frame goes each way every 20 ms from the start on, with silence where nothing has come", async () => {
  const clock = new VirtualClock();
  const said: (number | undefined)[] = [];
  const audio = new PacedAudio(clock, (one) => void said.push(one[0]));
  for (const value of [1, 2]) audio.hear(frame(value));
  audio.write(frame(7));
  await clock.advance(100);
  expect(said).toEqual([]);
  audio.start();
  audio.write(frame(8));
  await clock.advance(60);
  expect(said).toEqual([7, 8]);
  await audio[Symbol.asyncDispose]();
  const heard: (number | undefined)[] = [];
  for await (const one of audio.frames) heard.push(one[0]);
  expect(heard).toEqual([1, 2, 0, 0]);
  expect(audio.counts).toEqual({ came: 2, filled: 2, dropped: 0, unsaid: 0 });
  expect(clock.pending).toBe(0);
});

test("who does not keep pace loses the oldest", async () => {
  const clock = new VirtualClock();
  const said: (number | undefined)[] = [];
  await using audio = new PacedAudio(clock, (one) => void said.push(one[0]));
  for (let at = 0; at < 60; at++) audio.write(frame(at));
  for (let at = 0; at < 55; at++) audio.hear(frame(at));
  expect(audio.counts).toEqual({ came: 55, filled: 0, dropped: 5, unsaid: 10 });
  audio.start();
  expect(said).toEqual([10]);
});
