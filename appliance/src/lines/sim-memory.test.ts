import { SimOwner } from "@sitebox/core/contract";
import { expect, test } from "vitest";
import { simMemory } from "./index.ts";
import { modem, openLinesSite } from "./testing/index.ts";

const ICCID = "89860012345600000160";
const sim = SimOwner.parse({ number: "13800138000", owner: "示范酒店", purpose: "报修" });

test("the first SIM of a number is kept over a restart, until it is registered to somebody else or under another number", async () => {
  await using site = await openLinesSite({ keep: true });
  const before = simMemory(site.db, "attic");
  expect(await before.load(sim)).toBeUndefined();
  await before.keep(sim, ICCID);
  await site[Symbol.asyncDispose]();

  await using again = await openLinesSite({ dataDir: site.dataDir });
  const after = simMemory(again.db, "attic");
  expect(await after.load({ ...sim, purpose: "前台" })).toBe(ICCID);
  expect(await after.load({ ...sim, owner: "另一家酒店" })).toBeUndefined();
  expect(await after.load({ ...sim, number: "13800138001" })).toBeUndefined();
  expect(await simMemory(again.db, "attic-2").load(sim)).toBeUndefined();
  await after.keep({ ...sim, owner: "另一家酒店" }, "89860012345600000178");
  expect(await after.load(sim)).toBeUndefined();
});

test("a line that is removed takes its SIMs with it, and no other line's", async () => {
  await using site = await openLinesSite();
  for (const name of ["attic", "attic-2"]) {
    await site.registry.add(modem(name));
    await simMemory(site.db, name).keep(sim, ICCID);
  }
  await site.registry.remove("attic");
  expect(await simMemory(site.db, "attic").load(sim)).toBeUndefined();
  expect(await simMemory(site.db, "attic-2").load(sim)).toBe(ICCID);
});
