import { mkdtemp, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import { giveUpReserve, withReserve } from "./reserve.ts";

const folder = () => mkdtemp(join(tmpdir(), "sitebox-reserve-"));

test("the reserve is laid aside where there is plenty of room, and stays", async () => {
  const dir = await folder();
  await withReserve(dir, silentLog, async () => "open");
  await withReserve(dir, silentLog, async () => "open");
  expect((await stat(join(dir, "reserve"))).size).toBe(16 * 1024 * 1024);
});

test("a reserve that is given up is gone, and giving up none is nothing", async () => {
  const dir = await folder();
  await writeFile(join(dir, "reserve"), "");
  await giveUpReserve(dir, silentLog);
  await giveUpReserve(dir, silentLog);
  await expect(stat(join(dir, "reserve"))).rejects.toThrow("ENOENT");
});

test("what cannot be opened for another reason is told", async () => {
  await expect(withReserve(await folder(), silentLog, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
});
