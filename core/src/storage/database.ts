import { Kysely, type Transaction } from "kysely";
import { type Migration, migrate } from "./migrate.ts";
import { openSqlite } from "./sqlite.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";

export type Reading<Tables> = Pick<Kysely<Tables>, "selectFrom" | "with" | "fn" | "executeQuery" | "getExecutor">;
export type Writing<Tables> = Transaction<Tables>;

/** Reads go to their own connection and never wait for a writer; writes happen only inside a transaction. */
export interface Database<Tables> extends AsyncDisposable {
  /** Runs a query that changes nothing. */
  read<T>(query: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
  /** All or nothing: what `change` did is on disk when this resolves, and undone when it throws. One at a time. */
  transact<T>(change: (tx: Writing<Tables>) => Promise<T>): Promise<T>;
}

/** Opens (or creates) a database file and brings its tables up to date. */
export async function openDatabase<Tables>(file: string, migrations: readonly Migration[]): Promise<Database<Tables>> {
  await using opening = new AsyncDisposableStack();
  const writer = opening.use(await openSqlite(file, "write"));
  await migrate(writer, migrations);
  const reader = opening.use(await openSqlite(file, "read"));
  const writing = new Kysely<Tables>({ dialect: sqliteDialect(writer) });
  const reading = new Kysely<Tables>({ dialect: sqliteDialect(reader) });
  const owned = opening.move();
  return {
    read: (query) => query(reading),
    transact: (change) => writing.transaction().execute(change),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
