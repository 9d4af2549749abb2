import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "@sitebox/core/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openBoxDatabase } from "../../db/index.ts";
import { openExtensionSwitches, openNumberLists } from "./index.ts";
import { fitsWildcard } from "./wildcard.ts";

async function open(config: { blacklist?: string[]; whitelist?: string[] } = {}) {
  const db = await openBoxDatabase(await mkdtemp(join(tmpdir(), "sitebox-lists-")));
  const clock = new VirtualClock();
  const deps = { db, clock };
  return {
    db,
    clock,
    openLists: () => openNumberLists({ ...deps, config: { blacklist: [], whitelist: [], ...config } }),
    openSwitches: () => openExtensionSwitches(deps),
    changes: () =>
      db.read((r) => r.selectFrom("plan_change").select(["actor", "type", "subject", "detail"]).orderBy("seq").execute()),
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  };
}

test("the white list wins over the black one, wherever each entry comes from", async () => {
  await using site = await open({ blacklist: ["0571\\d+", "400.*"], whitelist: ["4001234567"] });
  const lists = await site.openLists();
  await lists.add({ list: "black", number: "1380013????", note: "骚扰" }, "agent");
  await lists.add({ list: "white", number: "057188*", note: "" }, "agent");
  const verdict = (caller: string) => lists.verdictOn(caller)?.list;
  expect(verdict("057112345678")).toBe("black");
  expect(verdict("057188123456")).toBe("white");
  expect(verdict("4001234567")).toBe("white");
  expect(verdict("4007654321")).toBe("black");
  expect(lists.verdictOn("+8613800138000")).toEqual({ list: "black", rule: "骚扰" });
  expect(verdict("13900139000")).toBeUndefined();
});

test("a number fits however the rule and the network write its country", async () => {
  await using site = await open();
  const lists = await site.openLists();
  await lists.add({ list: "black", number: "+8613800138000", note: "" }, "agent");
  for (const caller of ["13800138000", "013800138000", "+8613800138000", "8613800138000"])
    expect(lists.verdictOn(caller)).toEqual({ list: "black", rule: "+8613800138000" });
});

test("callers that withhold their number fit no number, only the entry for them", async () => {
  await using site = await open();
  const lists = await site.openLists();
  await lists.add({ list: "black", number: "1*", note: "" }, "agent");
  expect(lists.verdictOn("")).toBeUndefined();
  const { id } = await lists.add({ list: "black", number: "anonymous", note: "" }, "agent");
  expect(lists.verdictOn("")).toEqual({ list: "black", rule: "anonymous" });
  await lists.remove(id, "agent");
  expect(lists.verdictOn("")).toBeUndefined();
});

test("entries last over a restart until their time is over, and who made and took them is on record", async () => {
  await using site = await open();
  const first = await site.openLists();
  const entry = await first.add({ list: "black", number: "13800138000", note: "", expiresAt: site.clock.now() + 1_000 }, "agent");
  const kept = await first.add({ list: "white", number: "110*", note: "派出所" }, "admin");
  const lists = await site.openLists();
  expect(lists.list()).toEqual(expect.arrayContaining([entry, kept]));
  await site.clock.advance(1_000);
  expect(lists.list()).toEqual([kept]);
  expect(lists.verdictOn("13800138000")).toBeUndefined();
  const next = await lists.add({ list: "black", number: "95*", note: "" }, "agent");
  expect(await site.db.read((r) => r.selectFrom("listed_number").select("id").execute())).toHaveLength(2);
  expect(await lists.remove(next.id, "admin")).toBe(true);
  expect(await lists.remove(next.id, "admin")).toBe(false);
  expect(await site.changes()).toMatchObject([
    { actor: "agent", type: "number-listed", subject: "138****8000" },
    { actor: "admin", type: "number-listed", subject: "<4>" },
    { actor: "agent", type: "number-listed", subject: "<3>" },
    { actor: "admin", type: "number-unlisted", subject: "<3>", detail: '{"list":"black"}' },
  ]);
});

test("switches change in part, last over a restart and are told of", async () => {
  await using site = await open();
  const switches = await site.openSwitches();
  const told: unknown[] = [];
  switches.events.on("switched", (...fact) => told.push(fact));
  expect(switches.of("8001")).toEqual({ doNotDisturb: false, followMe: undefined });
  // Two at once both count.
  await Promise.all([
    switches.set("8001", { doNotDisturb: true }, "8001"),
    switches.set("8001", { followMe: ["8002"] }, "agent"),
  ]);
  expect(switches.of("8001")).toEqual({ doNotDisturb: true, followMe: ["8002"] });
  await switches.set("8001", { doNotDisturb: true }, "8001");
  const again = await site.openSwitches();
  expect(again.of("8001")).toEqual({ doNotDisturb: true, followMe: ["8002"] });
  await again.set("8001", { followMe: null, doNotDisturb: false }, "admin");
  expect(again.of("8001")).toEqual({ doNotDisturb: false, followMe: undefined });
  expect(told).toEqual([
    ["8001", { doNotDisturb: true, followMe: null }],
    ["8001", { doNotDisturb: true, followMe: ["8002"] }],
    ["8001", { doNotDisturb: true, followMe: ["8002"] }],
  ]);
  expect(await site.changes()).toEqual([
    { actor: "8001", type: "do-not-disturb", subject: "8001", detail: '{"on":true}' },
    { actor: "agent", type: "follow-me", subject: "8001", detail: '{"numbers":1}' },
    { actor: "admin", type: "do-not-disturb", subject: "8001", detail: '{"on":false}' },
    { actor: "admin", type: "follow-me", subject: "8001", detail: '{"numbers":null}' },
  ]);
});

test("wildcards fit as the same regular expression would, and quickly whatever they are", () => {
  const number = fc.string({ unit: fc.constantFrom("1", "2", "+"), maxLength: 8 });
  const wildcard = fc.string({ unit: fc.constantFrom("1", "2", "?", "*", "+"), maxLength: 8 });
  fc.assert(
    fc.property(number, wildcard, (text, rule) => {
      const expression = rule.replaceAll("+", "\\+").replaceAll("?", "\\d").replaceAll("*", ".*");
      expect(fitsWildcard(text, rule)).toBe(new RegExp(`^${expression}$`).test(text));
    }),
    { numRuns: 2_000 },
  );
  expect(fitsWildcard("1".repeat(64), `${"*1".repeat(16)}2`)).toBe(false);
});
