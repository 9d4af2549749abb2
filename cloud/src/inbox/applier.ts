import type { Clock, Log } from "@sitebox/core/kernel";
import { supervise } from "@sitebox/core/kernel";
import { sql } from "kysely";
import type { HeadquartersDatabase, HeadquartersTransaction, InboxTable } from "../db/index.ts";
import { type Applied, applyItem } from "./apply.ts";
import { bury } from "./dead-letters.ts";

export interface ApplierDeps {
  readonly db: HeadquartersDatabase;
  readonly clock: Clock;
  readonly log: Log;
  /** Told after the commit, once per item. */
  readonly onApplied: (applied: Applied) => void;
}

const itemsATransaction = 300;

/**
 * Brings committed items into the read models: each stream in its order, each item exactly once (it leaves the inbox in the
 * transaction that applies it). What was committed and not applied when the process died is applied at the next start.
 */
export class Applier implements AsyncDisposable {
  readonly #deps: ApplierDeps;
  readonly #stopping = new AbortController();
  #wake = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();

  constructor(deps: ApplierDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { clock, log } = this.#deps;
    const signal = this.#stopping.signal;
    signal.addEventListener("abort", () => this.#wake.resolve());
    this.#running = supervise("inbox applier", () => this.#run(), { clock, log, signal });
  }

  /** There is something to apply. */
  wake(): void {
    this.#wake.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const waiting = this.#wake.promise;
      if ((await this.#applySome()) > 0) continue;
      await waiting;
      this.#wake = Promise.withResolvers();
    }
  }

  async #applySome(): Promise<number> {
    const { db, onApplied } = this.#deps;
    const items = await db.read((reader) =>
      reader
        .selectFrom("inbox")
        .innerJoin("stream", (join) =>
          join
            .onRef("stream.box", "=", "inbox.box")
            .onRef("stream.stream", "=", "inbox.stream")
            .onRef("stream.epoch", "=", "inbox.epoch")
            .onRef("inbox.seq", "<=", "stream.upto"),
        )
        .selectAll("inbox")
        .orderBy("stream.id")
        .orderBy("inbox.seq")
        .limit(itemsATransaction)
        .execute(),
    );
    if (items.length === 0) return 0;
    const applied = await db.transact(async (tx) => {
      const done: Applied[] = [];
      for (const item of items) {
        const result = await this.#applyOne(tx, item);
        if (result) done.push(result);
        await tx
          .deleteFrom("inbox")
          .where("box", "=", item.box)
          .where("stream", "=", item.stream)
          .where("epoch", "=", item.epoch)
          .where("seq", "=", item.seq)
          .execute();
      }
      return done;
    });
    for (const one of applied) onApplied(one);
    return items.length;
  }

  async #applyOne(tx: HeadquartersTransaction, item: InboxTable): Promise<Applied | undefined> {
    const { clock, log } = this.#deps;
    await sql`savepoint item`.execute(tx);
    try {
      const applied = await applyItem(tx, item);
      await sql`release savepoint item`.execute(tx);
      return applied;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.error("an item cannot be applied and is put aside", { box: item.box, stream: item.stream, seq: item.seq, reason });
      await sql`rollback to savepoint item`.execute(tx);
      await bury(tx, { at: clock.now(), box: item.box, source: `${item.stream} ${item.seq}`, reason, payload: item.body });
      return undefined;
    }
  }
}
