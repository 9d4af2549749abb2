import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import sqlite3 from "sqlite3";

export interface RunResult {
  readonly changes: number;
  readonly lastId: number;
}

/** One `sqlite3` connection with promises. Statements run one after another in the order they are asked for. */
export class SqliteConnection implements AsyncDisposable {
  readonly #handle: sqlite3.Database;
  #closed: Promise<void> | undefined;

  constructor(handle: sqlite3.Database) {
    this.#handle = handle;
  }

  static open(file: string, mode = sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE): Promise<SqliteConnection> {
    return new Promise((resolve, reject) => {
      const handle: sqlite3.Database = new sqlite3.Database(file, mode, (error) => {
        if (error) reject(error);
        else resolve(new SqliteConnection(handle));
      });
    });
  }

  run(sql: string, parameters: readonly unknown[] = []): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      this.#handle.run(sql, parameters, function (this: sqlite3.RunResult, error: Error | null) {
        if (error) reject(error);
        else resolve({ changes: this.changes, lastId: this.lastID });
      });
    });
  }

  all(sql: string, parameters: readonly unknown[] = []): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      this.#handle.all(sql, parameters, (error, rows) => {
        if (error) reject(error);
        else resolve(rows);
      });
    });
  }

  exec(sql: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#handle.exec(sql, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= new Promise((resolve, reject) => {
      this.#handle.close((error) => {
        if (error) reject(error);
        else resolve();
      });
    });
    return this.#closed;
  }
}

/**
 * Opens a database file for writing, or for reading beside the writer.
 * WAL with synchronous=FULL is the only mode that kept every acknowledged row through a power cut.
 */
export async function openSqlite(file: string, use: "write" | "read"): Promise<SqliteConnection> {
  await mkdir(dirname(file), { recursive: true });
  const connection = await SqliteConnection.open(file);
  await connection.exec(
    "pragma busy_timeout = 5000; pragma journal_mode = WAL; pragma synchronous = FULL; pragma foreign_keys = ON;",
  );
  if (use === "read") await connection.exec("pragma query_only = ON;");
  return connection;
}
