import { rm } from "node:fs/promises";
import { expect, test } from "vitest";
import { modem, openLinesSite } from "./testing/index.ts";

const sim = { number: "13900000001", owner: "示范酒店", purpose: "报修" };
const all = { limit: 100 };

test("whose a number was is known after the line was changed and removed, and who did it", async () => {
  await using site = await openLinesSite();
  const { registry, configs, clock } = site;
  const line = modem("lobby", { sim, pin: "1234" });
  const sold = { ...line, sim: { ...sim, owner: "新酒店" } };
  await registry.add(line, "admin");
  await clock.advance(1_000);
  await registry.change("lobby", sold, "li");
  await expect(registry.change("lobby", { ...sold, sim: { ...sim, number: "110" } }, "li")).rejects.toThrow();
  await registry.remove("lobby", "wang");
  const changes = await configs.changes(all);
  expect(changes).toMatchObject([
    { type: "removed", actor: "wang", line: "lobby", before: { sim: { owner: "新酒店" } } },
    { type: "changed", actor: "li", at: clock.now(), before: { sim }, after: { sim: { owner: "新酒店" } } },
    { type: "added", actor: "admin", at: clock.now() - 1_000, after: { sim } },
  ]);
  expect(changes[0]).not.toHaveProperty("after");
  expect(changes[2]).not.toHaveProperty("before");
  expect(JSON.stringify(changes)).not.toContain("1234");
  // Another line takes the name: what was before stays.
  await registry.add(modem("lobby", { sim: { ...sim, number: "13900000002" } }), "admin");
  await registry.add(modem("attic", { sim }), "admin");
  expect(await configs.changes({ ...all, line: "lobby" })).toHaveLength(4);
  expect(await configs.changes({ limit: 1 })).toMatchObject([{ line: "attic" }]);
});

test("a line of the file that gets another owner, or goes, is noted at the next start, and nothing where nothing is new", async () => {
  const start = async (list: readonly object[], dataDir?: string) => {
    await using site = await openLinesSite({ list, keep: true, ...(dataDir !== undefined && { dataDir }) });
    const changes = await site.configs.changes(all);
    return { dataDir: site.dataDir, told: changes.map(({ type, actor, line }) => `${type} ${line} by ${actor}`), changes };
  };
  const line = modem("lobby", { sim, usbPath: "1-1" });
  const { dataDir, told } = await start([line]);
  expect(told).toEqual(["added lobby by config-file"]);
  // Another socket is no other owner.
  expect((await start([{ ...line, usbPath: "1-2" }], dataDir)).told).toHaveLength(1);
  const changed = await start([{ ...line, sim: { ...sim, owner: "新酒店" } }], dataDir);
  expect(changed.told).toEqual(["changed lobby by config-file", "added lobby by config-file"]);
  expect(changed.changes[0]).toMatchObject({ before: { sim }, after: { sim: { owner: "新酒店" } } });
  expect((await start([], dataDir)).told[0]).toBe("removed lobby by config-file");
  expect((await start([], dataDir)).told).toHaveLength(3);
  await rm(dataDir, { recursive: true });
});
