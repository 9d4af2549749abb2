import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { coldAir, newDataDir, openHotel } from "./testing/index.ts";

const opener = fileURLToPath(new URL("./testing/opener.ts", import.meta.url));

test("every number that was said is on disk after kill -9, whole, and none is given twice", async () => {
  const dataDir = await newDataDir();
  const said: string[] = [];
  for (const until of [7, 20]) {
    const child = spawn(process.execPath, [opener, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
    const gone = once(child, "exit");
    for await (const line of createInterface(child.stdout)) {
      said.push(line);
      if (said.length === until) child.kill("SIGKILL");
    }
    await gone;
  }
  expect(new Set(said).size).toBe(said.length);
  await using site = await openHotel({ dataDir });
  const kept = await site.tickets.list({ limit: 1_000 });
  expect(kept.map(({ number }) => number)).toEqual(expect.arrayContaining(said));
  for (const { state, staff } of kept) expect([state, staff]).toEqual(["assigned", expect.any(String)]);
  const rows = await site.db.read((db) => db.selectFrom("outbox").select("seq").orderBy("seq").execute());
  expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: kept.length * 2 }, (_, i) => i + 1));
  expect((await site.tickets.open(coldAir)).number).toBe(`8${String(kept.length + 1).padStart(4, "0")}`);
}, 60_000);
