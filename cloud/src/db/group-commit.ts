import type { Database, Writing } from "@sitebox/core/storage";
import type { HeadquartersTables } from "./tables.ts";

type Tx = Writing<HeadquartersTables>;

interface Work {
  readonly run: (tx: Tx) => Promise<void>;
  readonly fail: (error: unknown) => void;
  readonly done: () => void;
}

/** More than this in one transaction would let a single box wait for all others. */
const mostAtOnce = 64;

/**
 * Many small changes, one fsync: what is asked for while a transaction runs shares the next one. Works run in the order they were
 * asked for. When a shared transaction fails, each of its works gets its own, so that one bad work fails alone; works may therefore
 * run twice and keep no state outside the transaction.
 */
export class GroupCommit {
  readonly #db: Pick<Database<HeadquartersTables>, "transact">;
  #waiting: Work[] = [];
  #draining = false;
  #drained: Promise<void> = Promise.resolve();

  constructor(db: Pick<Database<HeadquartersTables>, "transact">) {
    this.#db = db;
  }

  /** Resolves with `work`'s result once it is on disk; rejects when it is not. */
  commit<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let result: { readonly value: T } | undefined;
      this.#waiting.push({
        run: async (tx) => {
          result = { value: await work(tx) };
        },
        fail: reject,
        done: () => {
          if (result) resolve(result.value);
        },
      });
      if (!this.#draining) this.#drained = this.#drain();
    });
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#drained;
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    // What is asked for in the same turn belongs together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const works = this.#waiting.slice(0, mostAtOnce);
      this.#waiting = this.#waiting.slice(mostAtOnce);
      try {
        await this.#write(works);
      } catch (error) {
        await this.#writeOneByOne(works, error);
      }
    }
    this.#draining = false;
  }

  async #write(works: readonly Work[]): Promise<void> {
    await this.#db.transact(async (tx) => {
      for (const work of works) await work.run(tx);
    });
    for (const work of works) work.done();
  }

  async #writeOneByOne(works: readonly Work[], error: unknown): Promise<void> {
    if (works.length === 1) {
      works[0]?.fail(error);
      return;
    }
    for (const work of works) await this.#write([work]).catch((own: unknown) => work.fail(own));
  }
}
