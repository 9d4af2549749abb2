import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SiteConfig } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import { openBoxDatabase } from "../db/index.ts";
import { openBoxAccounts } from "./index.ts";

const siteOf = (...ids: string[]) =>
  SiteConfig.parse({ name: "示范酒店", staff: ids.map((id) => ({ id, name: id, skills: ["*"] })) });

test("who leaves the staff is shut out at the next start, and let in again when back", async () => {
  await using db = await openBoxDatabase(await mkdtemp(join(tmpdir(), "sitebox-accounts-")));
  const open = (...ids: string[]) =>
    openBoxAccounts({ db, clock: systemClock, log: silentLog, cost: { log2N: 10, r: 8, p: 1 }, site: siteOf(...ids) });
  const first = await open("li", "wang");
  expect(first.created.map(({ name }) => name)).toEqual(["admin", "agent", "li", "wang"]);
  const [, , li] = first.created;
  const { token } = await first.accounts.login({ name: "li", password: li?.password ?? "", address: "x" });
  const next = await open("wang", "zhao");
  expect(next.created.map(({ name }) => name)).toEqual(["zhao"]);
  expect(await next.accounts.authenticate(token)).toBeUndefined();
  expect((await next.accounts.list()).map(({ name }) => name)).toEqual(["admin", "agent", "wang", "zhao"]);
  const again = await open("li", "wang", "zhao");
  expect(again.created).toEqual([]);
  expect(await again.accounts.login({ name: "li", password: li?.password ?? "", address: "x" })).toBeDefined();
});
