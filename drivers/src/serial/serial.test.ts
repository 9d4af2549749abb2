import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@sitebox/core/kernel";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ScriptedPty } from "../gsm/testing/index.ts";
import { LineError } from "../line/index.ts";
import { openSerial, SerialError, type SerialOptions } from "./index.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sitebox-serial-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A terminal whose far end says back what it hears. */
async function echoing(name = "port") {
  const pty: ScriptedPty = await ScriptedPty.open(join(folder, name), (bytes) => pty.write(bytes));
  return { pty, path: pty.path, [Symbol.asyncDispose]: () => pty.vanish() };
}

const open = (path: string, more: Partial<SerialOptions> = {}) => openSerial(path, { log: silentLog, ...more });
const descriptors = async () => (await readdir("/proc/self/fd")).length;
const faultOf = async (opening: Promise<unknown>) =>
  await opening.then(
    () => undefined,
    (error: unknown) => (error instanceof SerialError ? error.fault : error),
  );

test("every byte goes through as it is, both ways", async () => {
  await using far = await echoing();
  await using port = await open(far.path);
  const sent = Uint8Array.from({ length: 4_096 }, (_, at) => at % 256);
  const heard: number[] = [];
  const reading = (async () => {
    for await (const chunk of port.chunks) if (heard.push(...chunk) >= sent.length) break;
  })();
  for (let at = 0; at < sent.length; at += 320) await port.write(sent.subarray(at, at + 320));
  await reading;
  expect(heard).toEqual([...sent]);
});

test("a port that vanishes ends what is read, and refuses what is written", async () => {
  await using far = await echoing();
  await using port = await open(far.path);
  await far.pty.vanish();
  for await (const _ of port.chunks);
  await expect(port.write(Uint8Array.of(1))).rejects.toThrow(LineError);
});

test("closing ends what is read, any number of times, and leaves no descriptor open", async () => {
  await using far = await echoing();
  const before = await descriptors();
  for (let turn = 0; turn < 50; turn++) {
    const port = await open(far.path);
    const reading = (async () => {
      for await (const _ of port.chunks);
    })();
    if (turn % 2 === 0) await port.write(Uint8Array.of(1, 2, 3));
    await Promise.all([port[Symbol.asyncDispose](), port[Symbol.asyncDispose]()]);
    await port[Symbol.asyncDispose]();
    await reading;
    await expect(port.write(Uint8Array.of(1))).rejects.toThrow(LineError);
  }
  expect(await descriptors()).toBe(before);
});

test("a device that takes no bytes makes writing fail in time, and closing still works", async () => {
  const pty = await ScriptedPty.open(join(folder, "deaf"), () => {});
  pty.pause();
  const port = await open(pty.path, { writeTimeoutMs: 100 });
  const writing = (async () => {
    for (let piece = 0; piece < 1_000; piece++) await port.write(new Uint8Array(4_096));
  })();
  await expect(writing).rejects.toThrow(/takes no bytes/);
  await expect(port.write(Uint8Array.of(1))).rejects.toThrow(LineError);
  await port[Symbol.asyncDispose]();
  await pty.vanish();
});

test("says why a port cannot be opened", async () => {
  expect(await faultOf(open(join(folder, "nothing")))).toBe("missing");
  expect(await faultOf(open(folder))).toBe("failed");
  await using far = await echoing();
  await using port = await open(far.path);
  expect(await faultOf(open(far.path))).toBe("in-use");
  await port[Symbol.asyncDispose]();
  await using _again = await open(far.path);
});
