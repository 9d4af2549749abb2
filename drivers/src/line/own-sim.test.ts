import { type SimOwner, SimOwner as SimOwnerSchema } from "@sitebox/core/contract";
import { silentLog } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import { isSameSim, OwnSim, type SimMemory } from "./index.ts";

const FIRST = "89860012345600000160";
const OTHER = "89860012345600000178";
const registered = (change: Partial<SimOwner> = {}): SimOwner =>
  SimOwnerSchema.parse({ number: "13800138000", owner: "A hotel", purpose: "reception", ...change });

function memory(): SimMemory & { broken: boolean } {
  const kept = new Map<string, string>();
  const keyOf = ({ number, owner }: SimOwner) => `${number} ${owner}`;
  return {
    broken: false,
    load: async (sim) => kept.get(keyOf(sim)),
    async keep(sim, iccid) {
      if (this.broken) throw new Error("the disk is full");
      kept.set(keyOf(sim), iccid);
    },
  };
}

async function open(sim: SimOwner, kept?: SimMemory): Promise<OwnSim> {
  const own = new OwnSim({ sim, log: silentLog, memory: kept });
  await own.load();
  return own;
}

/** Asks it about these one after the other, as in one life of the box. */
async function asked(sim: SimOwner, kept: SimMemory | undefined, ...iccids: (string | undefined)[]): Promise<boolean[]> {
  await using own = await open(sim, kept);
  return iccids.map((iccid) => own.see(iccid));
}

test("the first SIM is the number's own, and no other one is, over a restart, too", async () => {
  const kept = memory();
  expect(await asked(registered(), kept, undefined, FIRST, OTHER, undefined, FIRST)).toEqual([true, true, false, false, true]);
  expect(await asked(registered(), kept, OTHER, undefined, FIRST)).toEqual([false, false, true]);
  expect(await asked(registered(), undefined, FIRST, OTHER)).toEqual([true, false]);
});

test("another one is taken once a person states it, and stays the number's own when it is not stated any more", async () => {
  const kept = memory();
  await asked(registered(), kept, FIRST);
  expect(await asked(registered({ iccid: OTHER }), kept, FIRST, undefined, OTHER)).toEqual([false, false, true]);
  expect(await asked(registered(), kept, FIRST, OTHER)).toEqual([false, true]);
});

test.for([{ number: "13800138001" }, { owner: "Another hotel" }])("registered anew as %o it is taken", async (change) => {
  const kept = memory();
  await asked(registered(), kept, FIRST);
  expect(await asked(registered(change), kept, OTHER, FIRST)).toEqual([true, false]);
  expect(await asked(registered({ purpose: "rooms" }), kept, OTHER)).toEqual([false]);
});

test("a disk that is full stops no line, and what could not be kept is kept later", async () => {
  const kept = memory();
  kept.broken = true;
  await using own = await open(registered(), kept);
  expect([own.see(FIRST), own.see(OTHER)]).toEqual([true, false]);
  await own[Symbol.asyncDispose]();
  kept.broken = false;
  expect(own.see(FIRST)).toBe(true);
  await own[Symbol.asyncDispose]();
  expect(await asked(registered(), kept, OTHER)).toEqual([false]);
});

test("a serial number is the same with and without its check digit and what is written behind it", () => {
  expect(isSameSim("8986001234560000016", "89860012345600000160")).toBe(true);
  expect(isSameSim("8986001234560000016F", "8986001234560000016")).toBe(true);
  expect(isSameSim("8986001234560000016", "8986001234560000017")).toBe(false);
  expect(isSameSim("898600123456000000", "8986001234560000001")).toBe(true);
  expect(isSameSim("", "")).toBe(false);
});
