import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { hotelTemplate } from "@sitebox/provisioning";
import { afterAll, beforeAll, expect, test } from "vitest";
import { haveVoices, spokenFile, testModels } from "../speech/testing/index.ts";
import { runListen } from "./listen.ts";
import { runSpeak } from "./speak.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sitebox-listen-"));
  await writeFile(join(folder, "site.json"), JSON.stringify(hotelTemplate));
  await writeFile(join(folder, "phrases.txt"), "请转人工\n\n我想留言\n八零六房间空调不制冷\n");
});
afterAll(() => rm(folder, { recursive: true }));

async function run(command: typeof runListen, args: readonly string[]) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const code = await command([...args, "--models", testModels()], { stdin: Readable.from([]), stdout, stderr });
  const lines = String(stdout.read() ?? "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { code, lines, err: String(stderr.read() ?? "") };
}

test.skipIf(!haveVoices)("recordings are heard and understood in their order", async () => {
  const files = [await spokenFile("八零六房间空调不制冷"), join(folder, "site.json"), await spokenFile("转人工")];
  const { code, lines } = await run(runListen, ["--site", join(folder, "site.json"), ...files]);
  expect(code).toBe(1);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatchObject({
    heard: expect.stringContaining("八零六房间空调不制冷"),
    intents: [{ intent: "hotel.repair", slots: { room: "806", item: "空调" } }],
  });
  expect(lines[1]).toEqual({ file: files[1], error: "not a wav file" });
  expect(lines[2]).toMatchObject({ heard: "转人工", intents: [{ intent: "common.to_human" }] });
});

test.skipIf(!haveVoices)("one of the given phrases is heard, with how sure that is", async () => {
  const files = [await spokenFile("请转人工"), await spokenFile("今天天气真不错")];
  const { code, lines } = await run(runListen, ["--phrases", join(folder, "phrases.txt"), ...files]);
  expect(code).toBe(0);
  expect(lines[0]).toMatchObject({ file: files[0], heard: "请转人工", accepted: true });
  expect(lines[0]?.score).toBeGreaterThan(-16);
  expect(lines[1]).toMatchObject({ file: files[1], accepted: false });
});

test("a text becomes an 8 kHz recording", async () => {
  const file = join(folder, "spoken.wav");
  const { code, lines } = await run(runSpeak, ["您好，请问有什么可以帮您？", file]);
  expect(code).toBe(0);
  expect(lines[0]).toMatchObject({ file, durationMs: expect.any(Number) });
  const unwritable = await run(runSpeak, ["您好", join(folder, "none", "spoken.wav")]);
  expect(unwritable.code).toBe(1);
  expect(unwritable.err).toContain("ENOENT");
});

test("a wrong command line says how it is meant", async () => {
  await expect(run(runListen, ["--phrases", join(folder, "phrases.txt")])).rejects.toThrow("usage: sitebox listen");
  await expect(run(runListen, ["--loud", "a.wav"])).rejects.toThrow("usage: sitebox listen");
  await expect(run(runSpeak, ["您好"])).rejects.toThrow("usage: sitebox speak");
});

test("without models the fault is told", async () => {
  const stderr = new PassThrough();
  const args = ["--phrases", join(folder, "phrases.txt"), "--models", folder, join(folder, "spoken.wav")];
  expect(await runListen(args, { stdin: Readable.from([]), stdout: new PassThrough(), stderr })).toBe(1);
  expect(String(stderr.read())).toContain("is missing");
});
