import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CompiledQuery } from "kysely";
import { expect, test } from "vitest";
import { openDatabase } from "./index.ts";

interface Tables {
  note: { id: number; text: string };
}
const migrations = [{ number: 1, name: "notes", sql: "create table note (id integer primary key, text text not null)" }];
const open = async () => {
  const file = join(await mkdtemp(join(tmpdir(), "sitebox-db-")), "a.db");
  return { file, db: await openDatabase<Tables>(file, migrations) };
};

test("a transaction that throws leaves nothing behind", async () => {
  const { db } = await open();
  await using _ = db;
  const failing = db.transact(async (tx) => {
    await tx.insertInto("note").values({ id: 1, text: "a" }).execute();
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(await db.read((r) => r.selectFrom("note").selectAll().execute())).toEqual([]);
});

test("transactions asked for at the same time run one after another", async () => {
  const { db } = await open();
  await using _ = db;
  await db.transact((tx) => tx.insertInto("note").values({ id: 1, text: "0" }).execute());
  await Promise.all(
    Array.from({ length: 20 }, () =>
      db.transact(async (tx) => {
        const { text } = await tx.selectFrom("note").select("text").executeTakeFirstOrThrow();
        await tx
          .updateTable("note")
          .set({ text: String(Number(text) + 1) })
          .execute();
      }),
    ),
  );
  expect(await db.read((r) => r.selectFrom("note").select("text").executeTakeFirst())).toEqual({ text: "20" });
});

test("the reading side cannot write", async () => {
  const { db } = await open();
  await using _ = db;
  await expect(db.read((r) => r.insertInto("note").values({ id: 1, text: "a" }).execute())).rejects.toThrow(/readonly/);
});

test("a database from a newer version is refused with what to do", async () => {
  const { file, db } = await open();
  await db[Symbol.asyncDispose]();
  await expect(openDatabase(file, [])).rejects.toThrow(/schema 1, this version knows 0/);
});

test("a full disk is told as such, nothing is kept of the transaction, and the next one works", async () => {
  const { db } = await open();
  await using _ = db;
  const pragma = (text: string) => db.transact((tx) => tx.executeQuery(CompiledQuery.raw(`pragma ${text}`)));
  await pragma("max_page_count = 1");
  const note = (id: number, text: string) => db.transact((tx) => tx.insertInto("note").values({ id, text }).execute());
  await expect(note(1, "a".repeat(100_000))).rejects.toMatchObject({ code: "SQLITE_FULL" });
  await pragma("max_page_count = 1000000");
  await note(2, "b");
  expect(await db.read((r) => r.selectFrom("note").selectAll().execute())).toEqual([{ id: 2, text: "b" }]);
});
