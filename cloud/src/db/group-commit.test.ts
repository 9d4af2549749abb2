import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GroupCommit, openHeadquartersDatabase } from "./index.ts";

const open = async () => openHeadquartersDatabase(await mkdtemp(join(tmpdir(), "sitebox-hq-")));

test("works asked for together share a transaction, and one that fails fails alone", async () => {
  await using db = await open();
  let transactions = 0;
  const commits = new GroupCommit({
    transact: (change) => {
      transactions++;
      return db.transact(change);
    },
  });
  const revoke = (serial: string, fail = false) =>
    commits.commit(async (tx) => {
      await tx.insertInto("revoked").values({ serial, revoked_at: 0, reason: "test" }).execute();
      if (fail) throw new Error("no");
      return serial;
    });
  expect(await Promise.all([revoke("1"), revoke("2"), revoke("3")])).toEqual(["1", "2", "3"]);
  expect(transactions).toBe(1);
  const results = await Promise.allSettled([revoke("4"), revoke("5", true), revoke("6")]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  const rows = await db.read((reader) => reader.selectFrom("revoked").select("serial").orderBy("serial").execute());
  expect(rows.map(({ serial }) => serial)).toEqual(["1", "2", "3", "4", "6"]);
});

test("work asked for at the very end of another is not forgotten", async () => {
  await using db = await open();
  const commits = new GroupCommit(db);
  for (let i = 0; i < 50; i++) await commits.commit(async () => i);
  await commits.idle();
});
