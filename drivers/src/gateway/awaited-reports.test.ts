import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { z } from "zod";
import type { TextReport } from "../line/index.ts";
import { AwaitedReports } from "./awaited-reports.ts";
import { forgetfulMemory } from "./management.ts";

function rig() {
  const clock = new VirtualClock();
  const told: TextReport[] = [];
  const memory = forgetfulMemory();
  const open = () => new AwaitedReports({ clock, log: silentLog, memory, report: (report) => told.push(report) }, z.string());
  return { clock, told, memory, open, awaited: open() };
}

test("what the network gave up is told with its reason, and once", () => {
  const { told, awaited } = rig();
  awaited.expect("1", "a", "");
  for (let times = 0; times < 2; times++) awaited.settle("1", 70);
  expect(told).toMatchObject([
    { reference: "a", outcome: "failed", reason: "the recipient was not reached in time (status 70)" },
  ]);
});

test("while the network goes on trying, nothing is told", () => {
  const { told, awaited } = rig();
  awaited.expect("1", "a", "");
  for (const status of [0x20, 0x30, 0x3f, Number.NaN]) awaited.settle("1", status);
  expect(told).toEqual([]);
  awaited.settle("1", 0);
  expect(told).toMatchObject([{ reference: "a", outcome: "delivered" }]);
});

test("a name that is used again is the newest text's", () => {
  const { told, awaited } = rig();
  awaited.expect("1", "a", "first");
  awaited.expect("1", "b", "second");
  expect(awaited.find("1")).toBe("second");
  awaited.settle("1", 0);
  awaited.settle("1", 0);
  expect(told.map(({ reference }) => reference)).toEqual(["b"]);
});

test("after two days nobody waits any longer, and of too many the oldest are forgotten", async () => {
  const { clock, told, awaited } = rig();
  awaited.expect("old", "a", "");
  await clock.advance(172_800_000);
  expect(awaited.has("old")).toBe(false);
  for (let count = 0; count < 1_001; count++) awaited.expect(`${count}`, `${count}`, `${count}`);
  expect([awaited.list().length, awaited.has("0"), awaited.has("1000")]).toEqual([1_000, false, true]);
  awaited.settle("0", 0);
  expect(told).toEqual([]);
});

test("what was awaited before a restart still is, but for what was told or is too old", async () => {
  const { clock, told, open, awaited } = rig();
  awaited.expect("old", "a", "");
  await clock.advance(86_400_000);
  for (const [name, reference] of [
    ["1", "b"],
    ["2", "c"],
  ] as const)
    awaited.expect(name, reference, name);
  awaited.settle("1", 0);
  await awaited[Symbol.asyncDispose]();
  await clock.advance(86_400_000);
  const anew = open();
  // A text that goes before the memory was read has its name for itself.
  anew.expect("3", "d", "3");
  await anew.load();
  expect([anew.list(), anew.has("old")]).toEqual([["2", "3"], false]);
  anew.settle("2", 0);
  anew.settle("1", 0);
  expect(told.map(({ reference }) => reference)).toEqual(["b", "c"]);
  await anew[Symbol.asyncDispose]();
  const again = open();
  await again.load();
  expect(again.list()).toEqual(["3"]);
});

test("a memory that cannot be read or written keeps nothing from being told", async () => {
  const { told, memory, open } = rig();
  await memory.write("reports", "{no JSON");
  const awaited = open();
  await awaited.load();
  awaited.expect("1", "a", "");
  awaited.settle("1", 0);
  expect(told).toHaveLength(1);
  await awaited[Symbol.asyncDispose]();
});
