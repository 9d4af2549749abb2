import type { SyncClass } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import { type Books, classes } from "./machine.ts";
import type { OutboxStore } from "./outbox-store.ts";

/** What makes room when the outbox is full, in this order. Alarms and tickets (p0, p1) are never dropped. */
const sacrifices: readonly { stream: SyncClass; olderThanMs: number }[] = [
  { stream: "p4", olderThanMs: 0 },
  { stream: "p3", olderThanMs: 0 },
  { stream: "p2", olderThanMs: 7 * 86_400_000 },
];
/** Room is made down to this part of the limit, so that it is not made again with every item. */
const roomPart = 0.9;

export interface HousekeepingDeps {
  readonly store: OutboxStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly maxBytes: number;
}

/** Keeps the outbox within its limit and counts what it takes without reading all of it each time. */
export class Housekeeping {
  readonly #deps: HousekeepingDeps;
  readonly #counted = new Map<SyncClass, { upto: number; acked: number; bytes: number }>();
  #dropped = 0;

  constructor(deps: HousekeepingDeps) {
    this.#deps = deps;
  }

  get bytes(): number {
    return [...this.#counted.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Drops what has expired, and what has to give way. */
  async tidy(books: Books): Promise<void> {
    const { store, log, maxBytes } = this.#deps;
    const expired = await store.expire();
    if (expired > 0) {
      this.#dropped += expired;
      this.#counted.clear();
    }
    await this.#count(books);
    if (this.bytes <= maxBytes) return;
    await this.#makeRoom();
    if (this.bytes > maxBytes)
      log.error("the outbox is over its limit and nothing more may be dropped", { bytes: this.bytes, maxBytes });
  }

  /** New rows are added. What acknowledgements deleted is found out when it matters: when nothing waits, or the limit comes near. */
  async #count(books: Books): Promise<void> {
    const near = this.bytes > this.#deps.maxBytes / 2;
    for (const stream of classes) {
      const { last, acked } = books[stream];
      const known = this.#counted.get(stream);
      if (last === acked) this.#counted.set(stream, { upto: last, acked, bytes: 0 });
      else if (!known || known.upto > last || (near && known.acked !== acked))
        this.#counted.set(stream, { upto: last, acked, bytes: await this.#deps.store.bytes(stream) });
      else if (known.upto < last)
        this.#counted.set(stream, {
          ...known,
          upto: last,
          bytes: known.bytes + (await this.#deps.store.bytes(stream, known.upto)),
        });
    }
  }

  async #makeRoom(): Promise<void> {
    const { store, clock, log, maxBytes } = this.#deps;
    for (const { stream, olderThanMs } of sacrifices) {
      for (;;) {
        const excess = this.bytes - maxBytes * roomPart;
        if (excess <= 0) return;
        const oldest = await store.oldest(stream, { bytes: excess, before: clock.now() - olderThanMs });
        if (!oldest) break;
        await store.drop(stream, oldest, "outbox full");
        this.#dropped += oldest.to - oldest.from + 1;
        log.error("the outbox is full, the oldest items are dropped", { stream, from: oldest.from, to: oldest.to });
        const counted = this.#counted.get(stream);
        if (counted) this.#counted.set(stream, { ...counted, bytes: await store.bytes(stream) });
      }
    }
  }
}
