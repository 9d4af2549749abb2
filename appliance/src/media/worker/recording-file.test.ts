import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readWav } from "../sound/index.ts";
import { DiskQueue, RecordingFile } from "./recording-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "recording-"));
});
afterAll(() => rm(folder, { recursive: true }));

const frame = (value: number) => new Int16Array(160).fill(value);
const ignore = () => undefined;

test("a slot's place in the file is its number, whatever was skipped", async () => {
  const file = join(folder, "slots.wav");
  const recording = new RecordingFile(file, 1_000, { disk: new DiskQueue(), onFailure: ignore });
  await recording.open();
  for (const slot of [999, 1_000, 1_001, 1_007, 1_120, 1_121]) recording.put(slot, frame(slot), frame(-slot));
  expect(await recording.finish()).toMatchObject({ durationMs: 122 * 20, bytes: 44 + 122 * 640 });
  const [left, right] = (await readWav(file)).channels;
  const leftSlots = Array.from({ length: 122 }, (_, n) => left?.[n * 160]);
  const filled = leftSlots.flatMap((value, n) => (value === 0 ? [] : [[n, value]]));
  expect(filled).toEqual([
    [0, 1_000],
    [1, 1_001],
    [7, 1_007],
    [120, 1_120],
    [121, 1_121],
  ]);
  expect(right?.[120 * 160]).toBe(-1_120);
});

test("while it runs the file is a whole wav that misses at most the last second", async () => {
  const file = join(folder, "running.wav");
  const disk = new DiskQueue();
  const recording = new RecordingFile(file, 0, { disk, onFailure: ignore });
  await recording.open();
  for (let slot = 0; slot < 130; slot++) recording.put(slot, frame(1), frame(2));
  await disk.run(() => Promise.resolve());
  expect((await readWav(file)).channels[0]?.length).toBe(100 * 160);
  await recording.finish();
  expect((await readWav(file)).channels[0]?.length).toBe(130 * 160);
});

test("finishing twice is finishing once, and nothing is added after it", async () => {
  const recording = new RecordingFile(join(folder, "twice.wav"), 0, { disk: new DiskQueue(), onFailure: ignore });
  await recording.open();
  recording.put(0, frame(1), frame(1));
  const first = recording.finish();
  recording.put(1, frame(1), frame(1));
  expect(await recording.finish()).toEqual(await first);
  expect((await first).durationMs).toBe(20);
});

test("a disk that is full is told once, and what was stored is told truly", async () => {
  const failures: unknown[] = [];
  // Writing to it fails with ENOSPC as a full disk does.
  const recording = new RecordingFile("/dev/full", 0, { disk: new DiskQueue(), onFailure: (error) => failures.push(error) });
  await expect(recording.open()).rejects.toMatchObject({ code: "ENOSPC" });
  for (let slot = 0; slot < 200; slot++) recording.put(slot, frame(1), frame(1));
  expect(await recording.finish()).toMatchObject({ durationMs: 0, bytes: 44 });
  expect(failures.length).toBe(1);
});

test("a folder that is not there refuses the recording", async () => {
  const recording = new RecordingFile(join(folder, "none", "x.wav"), 0, { disk: new DiskQueue(), onFailure: ignore });
  await expect(recording.open()).rejects.toMatchObject({ code: "ENOENT" });
});
