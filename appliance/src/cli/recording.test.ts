import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { tone } from "@sitebox/drivers/sound";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openMedia } from "../media/index.ts";
import { runSitebox } from "./sitebox.ts";

let folder: string;
let file: string;
let digest: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sitebox-recording-"));
  file = join(folder, "call.wav");
  await using media = await openMedia({ clock: systemClock, log: silentLog });
  await using port = await media.rtp.open("127.0.0.1");
  port.connect({ address: "127.0.0.1", port: 9, codec: "PCMA", payloadType: 8, send: true, receive: true });
  const leg = media.attach(port);
  const recording = await leg.record(file);
  await leg.play(tone(500, 300));
  digest = (await recording.stop()).digest ?? "";
});
afterAll(() => rm(folder, { recursive: true }));

async function run(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const code = await runSitebox(args, { stdin: Readable.from([]), stdout, stderr });
  return { code, out: String(stdout.read() ?? ""), err: String(stderr.read() ?? "") };
}

test("a recording as the box made it is intact by its chain and by the digest that was told", async () => {
  const { code, out } = await run(["recording", "verify", "--digest", digest, file]);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ file, state: "intact", digest });
});

test("one that was changed, one of another digest and one that cannot be read fail the command, each with its line", async () => {
  const changed = join(folder, "changed.wav");
  const bytes = await readFile(file);
  bytes.writeInt16LE(12_345, 1_000);
  await writeFile(changed, bytes);
  await writeFile(`${changed}.chain`, await readFile(`${file}.chain`));
  const { code, out } = await run(["recording", "verify", file, changed, join(folder, "none.wav")]);
  expect(code).toBe(1);
  const states = out.trim().split("\n");
  expect(states.map((line) => JSON.parse(line).state)).toEqual(["intact", "changed", "unreadable"]);
  const other = await run(["recording", "verify", "--digest", "0".repeat(64), file]);
  expect([other.code, JSON.parse(other.out).state]).toEqual([1, "other-digest"]);
});

test.each([
  [["recording"]],
  [["recording", "verify"]],
  [["recording", "verify", "--digest", "00", "a", "b"]],
  [["recording", "-x"]],
])("%j is a wrong command line", async (args) => {
  const { code, err } = await run(args);
  expect(code).toBe(2);
  expect(err).toContain("usage: sitebox recording verify");
});
