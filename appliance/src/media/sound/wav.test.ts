import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tone } from "@sitebox/drivers/sound";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatWav, parseWav, readWav, WavError, writeWav } from "./wav.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wav-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("a file that was written is read back channel by channel", async () => {
  const file = join(folder, "two.wav");
  const channels = [tone(440, 100), tone(1_000, 100)];
  await writeWav(file, { sampleRate: 8_000, channels });
  expect(await readWav(file)).toEqual({ sampleRate: 8_000, channels });
});

test("sox reads what is written, and its extensible and A-law files are read", async () => {
  const file = join(folder, "plain.wav");
  await writeWav(file, { sampleRate: 8_000, channels: [tone(440, 100)] });
  execFileSync("sox", [file, "-e", "a-law", join(folder, "alaw.wav")]);
  execFileSync("ffmpeg", ["-v", "error", "-i", file, "-ac", "6", join(folder, "six.wav")]);
  expect((await readWav(join(folder, "alaw.wav"))).channels[0]?.length).toBe(800);
  expect((await readWav(join(folder, "six.wav"))).channels.length).toBe(6);
});

test("a recording that was cut off is read as far as it goes", async () => {
  const file = join(folder, "cut.wav");
  await writeWav(file, { sampleRate: 8_000, channels: [tone(440, 100)] });
  await truncate(file, 444);
  expect((await readWav(file)).channels[0]).toEqual(tone(440, 100).slice(0, 200));
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["text", Buffer.from("hello, this is no sound")],
  ["a header alone", formatWav({ sampleRate: 8_000, channels: [new Int16Array(1)] }).subarray(0, 30)],
])("%s is refused as no wav file", (_, bytes) => {
  expect(() => parseWav(bytes)).toThrow(WavError);
});

test("twenty-four bits are refused in words", async () => {
  const file = join(folder, "source.wav");
  await writeWav(file, { sampleRate: 8_000, channels: [tone(440, 100)] });
  execFileSync("sox", [file, "-b", "24", join(folder, "deep.wav")]);
  expect(() => parseWav(Buffer.from("RIFF0000WAVEdata\u0000\u0000\u0000\u0000"))).toThrow("no usable format");
  const deep = await readFile(join(folder, "deep.wav"));
  expect(() => parseWav(deep)).toThrow("24 bits");
});
