import { copyFile, mkdtemp, open, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeWav } from "../sound/index.ts";
import { verifyRecording } from "../verify-recording.ts";
import { DiskQueue, RecordingFile } from "./recording-file.ts";

let folder: string;
let original: string;
let digest: string;
const frame = (value: number) => new Int16Array(160).fill(value);

/** 12.4 s: two whole segments and a rest. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chain-"));
  original = join(folder, "call.wav");
  const recording = new RecordingFile(original, 0, { disk: new DiskQueue(), onFailure: () => undefined });
  await recording.open();
  for (let slot = 0; slot < 620; slot++) recording.put(slot, frame(slot), frame(-slot));
  digest = (await recording.finish()).digest ?? "";
});
afterAll(() => rm(folder, { recursive: true }));

let copies = 0;
async function copy(): Promise<string> {
  const file = join(folder, `copy-${++copies}.wav`);
  await copyFile(original, file);
  await copyFile(`${original}.chain`, `${file}.chain`);
  return file;
}

test("a recording that nobody touched is intact, and its digest is the one told when it ended", async () => {
  expect(await verifyRecording(original)).toEqual({ state: "intact", durationMs: 12_400, digest });
  expect(await verifyRecording(original, digest)).toMatchObject({ state: "intact" });
  const lines = (await readFile(`${original}.chain`, "utf8")).split("\n");
  expect(lines.map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual(["0 40000", "1 40000", "end 19200", ""]);
});

test.each([
  [100, 0, 0, 5_000],
  [5_000 * 32, 1, 5_000, 10_000],
  [12_399 * 32, 2, 10_000, 12_400],
])("one bit changed at byte %i of the sound is found in segment %i", async (at, segment, fromMs, toMs) => {
  const file = await copy();
  await using handle = await open(file, "r+");
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, 44 + at);
  await handle.write(Buffer.of((byte[0] ?? 0) ^ 1), 0, 1, 44 + at);
  expect(await verifyRecording(file)).toEqual({ state: "changed", segment, fromMs, toMs });
});

test("an end that was cut off is missed, to the millisecond", async () => {
  const file = await copy();
  await truncate(file, 44 + 9_000 * 32);
  expect(await verifyRecording(file)).toEqual({ state: "cut-short", provenMs: 5_000, missingMs: 3_400 });
});

test("sound that was appended is a change behind the end", async () => {
  const file = await copy();
  await using handle = await open(file, "r+");
  await handle.write(Buffer.alloc(3_200), 0, 3_200, 44 + 12_400 * 32);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(12_500 * 32);
  await handle.write(size, 0, 4, 40);
  expect(await verifyRecording(file)).toEqual({ state: "changed", segment: 3, fromMs: 12_400, toMs: 12_500 });
});

test("what a crash left is proven up to the last line that is whole", async () => {
  const file = await copy();
  const chain = await readFile(`${file}.chain`, "utf8");
  await writeFile(`${file}.chain`, chain.slice(0, chain.indexOf("\n") + 30));
  const verdict = await verifyRecording(file);
  expect(verdict).toMatchObject({ state: "unfinished", provenMs: 5_000, unprovenMs: 7_400 });
  await writeFile(`${file}.chain`, "");
  expect(await verifyRecording(file)).toMatchObject({ state: "unfinished", provenMs: 0, unprovenMs: 12_400 });
});

test("a line changed in the chain is a change of its segment", async () => {
  const file = await copy();
  const chain = await readFile(`${file}.chain`, "utf8");
  await writeFile(
    `${file}.chain`,
    chain.replace(/(?<=^1 40000 )./m, (digit) => (digit === "0" ? "1" : "0")),
  );
  expect(await verifyRecording(file)).toMatchObject({ state: "changed", segment: 1 });
});

test("file and chain made anew together are found by the digest that was kept", async () => {
  const file = join(folder, "forged.wav");
  const forged = new RecordingFile(file, 0, { disk: new DiskQueue(), onFailure: () => undefined });
  await forged.open();
  for (let slot = 0; slot < 620; slot++) forged.put(slot, frame(slot + 1), frame(-slot));
  const made = await forged.finish();
  expect(await verifyRecording(file)).toMatchObject({ state: "intact" });
  expect(await verifyRecording(file, digest)).toEqual({ state: "other-digest", digest: made.digest });
});

test("a wav without a chain says so, and what is no wav of ours is refused", async () => {
  const wav = join(folder, "plain.wav");
  await writeWav(wav, { sampleRate: 8_000, channels: [frame(1), frame(1)] });
  expect(await verifyRecording(wav)).toEqual({ state: "no-chain" });
  await writeFile(wav, "hello");
  await expect(verifyRecording(wav)).rejects.toThrow("not a recording");
  await expect(verifyRecording(join(folder, "none.wav"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("time that was skipped and blocks that were dropped are in the chain as they are in the file", async () => {
  const file = join(folder, "gaps.wav");
  const recording = new RecordingFile(file, 0, { disk: new DiskQueue(), onFailure: () => undefined });
  await recording.open();
  for (const slot of [0, 1, 120, 700, 701]) recording.put(slot, frame(slot + 1), frame(1));
  await recording.finish();
  expect(await verifyRecording(file)).toMatchObject({ state: "intact", durationMs: 702 * 20 });
});

test("what is paused is silence in its time", async () => {
  const file = join(folder, "paused.wav");
  const recording = new RecordingFile(file, 0, { disk: new DiskQueue(), onFailure: () => undefined });
  await recording.open();
  for (let slot = 0; slot < 30; slot++) {
    recording.paused = slot >= 10 && slot < 20;
    recording.put(slot, frame(7), frame(8));
  }
  await recording.finish();
  const bytes = (await readFile(file)).subarray(44);
  const slots = Array.from({ length: 30 }, (_, slot) => bytes.readInt16LE(slot * 640));
  expect(slots).toEqual([...Array(10).fill(7), ...Array(10).fill(0), ...Array(10).fill(7)]);
  expect(await verifyRecording(file)).toMatchObject({ state: "intact", durationMs: 600 });
});
