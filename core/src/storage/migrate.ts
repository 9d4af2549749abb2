import type { SqliteConnection } from "./sqlite.ts";

/** One step of a schema, numbered without gaps from 1. Steps that have shipped never change. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/** Applies the steps a file has not seen, each in its own transaction. A file from a newer version is refused. */
export async function migrate(db: SqliteConnection, migrations: readonly Migration[]): Promise<void> {
  await db.exec(
    "create table if not exists migration (number integer primary key, name text not null, applied_at integer not null)",
  );
  const [row] = (await db.all("select coalesce(max(number), 0) as latest from migration")) as [{ latest: number }];
  const newest = migrations.at(-1)?.number ?? 0;
  if (row.latest > newest)
    throw new Error(
      `the database is at schema ${row.latest}, this version knows ${newest}: install the newer version again, or restore a backup`,
    );
  for (const { number, name, sql } of migrations) {
    if (number <= row.latest) continue;
    await db.exec("begin immediate");
    try {
      await db.exec(sql);
      await db.run("insert into migration (number, name, applied_at) values (?, ?, ?)", [number, name, Date.now()]);
      await db.exec("commit");
    } catch (error) {
      await db.exec("rollback");
      throw new Error(`migration ${number} (${name}) failed; the database is unchanged`, { cause: error });
    }
  }
}
