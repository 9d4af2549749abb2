import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { hotelTemplate } from "@sitebox/provisioning";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runSitebox } from "./sitebox.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sitebox-cli-"));
  await writeFile(join(folder, "site.json"), JSON.stringify(hotelTemplate));
  await writeFile(join(folder, "box.json"), JSON.stringify({ site: hotelTemplate }));
  await writeFile(join(folder, "wrong.json"), JSON.stringify({ name: "甲", romos: ["101"] }));
});
afterAll(() => rm(folder, { recursive: true }));

async function run(args: readonly string[], input = ""): Promise<{ code: number; out: string; err: string }> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const code = await runSitebox(args, { stdin: Readable.from([input]), stdout, stderr });
  return { code, out: String(stdout.read() ?? ""), err: String(stderr.read() ?? "") };
}

test.each(["site.json", "box.json"])("sentences are answered line by line with the site of %s", async (file) => {
  const { code, out } = await run(
    ["understand", "--site", join(folder, file)],
    '{"text":"八零六房间空调不制冷"}\n{"text":"转人工"}\n',
  );
  const [first, second] = out.trim().split("\n");
  expect(code).toBe(0);
  expect(JSON.parse(first ?? "")).toEqual({
    text: "八零六房间空调不制冷",
    intents: [{ intent: "hotel.repair", slots: { room: "806", item: "空调", fault: "不制冷" }, confidence: expect.any(Number) }],
    band: "act",
  });
  expect(JSON.parse(second ?? "")).toMatchObject({ intents: [{ intent: "common.to_human" }] });
});

test("a bad line gets an error in its place and the rest goes on", async () => {
  const input = '{"text":"送两条毛巾"}\n{"txt":1}\nnonsense\n{"text":"我要留言"}';
  const { code, out } = await run(["understand", "--site", join(folder, "site.json")], input);
  const lines = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(code).toBe(1);
  expect(lines).toHaveLength(4);
  expect(lines[1]?.error).toMatch(/^line 2: text/);
  expect(lines[2]?.error).toMatch(/^line 3: not JSON/);
  expect(lines[3]).toMatchObject({ intents: [{ intent: "common.leave_message" }] });
});

test("a wrong config says where it is wrong", async () => {
  const { code, err } = await run(["understand", "--site", join(folder, "wrong.json")]);
  expect(code).toBe(1);
  expect(err).toMatch(/romos/);
  expect((await run(["understand", "--site", join(folder, "none.json")])).err).toMatch(/cannot be read/);
});

test("a wrong command line is told how it is meant", async () => {
  expect(await run(["frobnicate"])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/there is no command frobnicate[\s\S]*usage/),
  });
  expect(await run([])).toMatchObject({ code: 2, err: expect.stringMatching(/usage/) });
  expect(await run(["understand"])).toMatchObject({ code: 2, err: expect.stringMatching(/usage: sitebox understand/) });
  expect(await run(["understand", "--nonsense"])).toMatchObject({ code: 2 });
  expect(await run(["--help"])).toMatchObject({ code: 0, out: expect.stringMatching(/understand/) });
  expect(await run(["understand", "--help"])).toMatchObject({ code: 0 });
});
