import { SelfCall } from "@sitebox/core/contract";
import type { BoxDatabase } from "../../db/index.ts";

/** How the last call to each number went; kept over a restart. */
export class SelfCallResults {
  readonly #db: BoxDatabase;
  readonly #results = new Map<string, Map<string, SelfCall>>();

  constructor(db: BoxDatabase) {
    this.#db = db;
  }

  async load(): Promise<void> {
    const rows = await this.#db.read((r) => r.selectFrom("self_call").selectAll().execute());
    for (const { line, result } of rows) this.#put(line, SelfCall.parse(JSON.parse(result)));
  }

  of(line: string, numbers: readonly string[]): readonly SelfCall[] {
    return numbers.flatMap((number) => this.#results.get(line)?.get(number) ?? []);
  }

  /** Holds at once, and is on disk when it resolves. */
  async put(line: string, result: SelfCall): Promise<void> {
    this.#put(line, result);
    const row = { line, number: result.number, result: JSON.stringify(result) };
    await this.#db.transact((tx) =>
      tx
        .insertInto("self_call")
        .values(row)
        .onConflict((conflict) => conflict.columns(["line", "number"]).doUpdateSet(row))
        .execute(),
    );
  }

  async forget(line: string): Promise<void> {
    this.#results.delete(line);
    await this.#db.transact((tx) => tx.deleteFrom("self_call").where("line", "=", line).execute());
  }

  #put(line: string, result: SelfCall): void {
    const ofLine = this.#results.get(line) ?? new Map<string, SelfCall>();
    this.#results.set(line, ofLine.set(result.number, result));
  }
}
