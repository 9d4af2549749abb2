import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { SqliteConnection } from "./sqlite.ts";

class Connection implements DatabaseConnection {
  readonly #sqlite: SqliteConnection;

  constructor(sqlite: SqliteConnection) {
    this.#sqlite = sqlite;
  }

  async executeQuery<Row>({ sql, parameters, query }: CompiledQuery): Promise<QueryResult<Row>> {
    const returnsRows = query.kind === "SelectQueryNode" || query.kind === "RawNode" || /\breturning\b/i.test(sql);
    if (returnsRows) return { rows: (await this.#sqlite.all(sql, parameters)) as Row[] };
    const { changes, lastId } = await this.#sqlite.run(sql, parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastId) };
  }

  // biome-ignore lint/correctness/useYield: streaming is not offered; Kysely asks for the method.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error("streaming is not supported: read by pages");
  }
}

/** Kysely asks for one connection at a time: transactions and single statements queue here, so nothing slips into another's transaction. */
class SingleConnectionDriver implements Driver {
  readonly #connection: Connection;
  #last: Promise<void> = Promise.resolve();
  #release: () => void = () => {};

  constructor(sqlite: SqliteConnection) {
    this.#connection = new Connection(sqlite);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    this.#release = resolve;
    return this.#connection;
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await connection.executeQuery(CompiledQuery.raw("rollback"));
    } catch (error) {
      // After a full disk or an I/O error SQLite has rolled back by itself; the error that made it so is the one to be told.
      if (!(error instanceof Error && error.message.includes("no transaction is active"))) throw error;
    }
  }

  async releaseConnection(): Promise<void> {
    this.#release();
  }

  async destroy(): Promise<void> {}
}

/** Kysely over `sqlite3`. (Kysely's own SQLite dialect wants a synchronous library, which would stop audio at each fsync.) */
export function sqliteDialect(sqlite: SqliteConnection): Dialect {
  return {
    createDriver: () => new SingleConnectionDriver(sqlite),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}
