import { spawn } from "node:child_process";
import { once } from "node:events";
import { systemClock } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import { familyOf, nameOf, ProcessWatch, parseStat } from "./processes.ts";

test("a process's line is read even where its name holds spaces and parentheses", () => {
  const line = "42 (a (b) c) S 7 42 42 0 -1 4194304 100 0 0 0 30 12 0 0 20 0 1 0 100 5000000 1234 18446744073709551615 1 1";
  expect(parseStat(line)).toEqual({ pid: 42, parent: 7, ticks: 42, rssPages: 1234 });
  expect(parseStat("")).toBeUndefined();
});

test("the family is everything below, whatever the order of the list", () => {
  const one = (pid: number, parent: number) => ({ pid, parent, ticks: 0, rssPages: 0 });
  const all = [one(5, 4), one(4, 2), one(2, 1), one(3, 1), one(1, 0)];
  expect(familyOf(2, all).map(({ pid }) => pid)).toEqual([5, 4, 2]);
});

test("a script is called by its own name", () => {
  expect(nameOf(["/usr/bin/node", "--flag", "/opt/engines/recogniser.ts", ""])).toBe("recogniser.ts");
  expect(nameOf(["/opt/mediasoup-worker", "--log", ""])).toBe("mediasoup-worker");
});

test("a child that runs is seen with its memory", async () => {
  await using _ = { [Symbol.asyncDispose]: async () => void child.kill("SIGKILL") };
  const child = spawn("sleep", ["60"]);
  await once(child, "spawn");
  const seen = await new ProcessWatch(systemClock).look();
  expect(seen.find(({ name }) => name === "sleep")?.rssBytes).toBeGreaterThan(0);
});
