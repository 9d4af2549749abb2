import { silentLog } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import { formatCycles, isClean } from "./format.ts";
import { runCycles, troubles } from "./run.ts";

test("a modem that is unplugged, hangs and restarts time after time always comes back, and leaves nothing open", async () => {
  const figures = await runCycles({ cycles: 20, seed: 7, log: silentLog });
  expect(figures.stuck).toEqual([]);
  expect(isClean(figures), formatCycles(figures)).toBe(true);
  expect(troubles.filter((trouble) => figures.byTrouble[trouble] === 0)).toEqual([]);
}, 120_000);
