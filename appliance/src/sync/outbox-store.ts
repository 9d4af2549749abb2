import { randomUUID } from "node:crypto";
import { SyncBody, type SyncClass } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import { sql } from "kysely";
import type { BoxDatabase, BoxTransaction } from "../db/index.ts";
import { type Books, classes } from "./machine.ts";

export interface OutboxRow {
  readonly stream: string;
  readonly seq: number;
  readonly id: string;
  readonly agg: string;
  readonly rev: number;
  readonly wall: number;
  readonly mono: number;
  readonly ttl_ms: number | null;
  readonly bytes: number;
  readonly body: string;
}

const epochKey = "sync.epoch";

/** What waits for headquarters, as it lies in the database. */
export class OutboxStore {
  readonly #db: BoxDatabase;
  readonly #clock: Clock;

  constructor(db: BoxDatabase, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** The epoch that all numbers belong to; made at the first start. */
  async epoch(): Promise<string> {
    return await this.#db.transact(async (tx) => {
      const row = await tx.selectFrom("setting").select("value").where("key", "=", epochKey).executeTakeFirst();
      return row?.value ?? (await writeEpoch(tx));
    });
  }

  /**
   * Numbers what waits anew from 1 under a new epoch, in its order: this database is an older state of the box than headquarters knows.
   * Applying something twice changes nothing at headquarters, so nothing is lost and nothing doubled.
   */
  async beginEpoch(): Promise<string> {
    return await this.#db.transact(async (tx) => {
      await sql`
        update outbox set seq = -numbered.n
        from (select stream, seq, row_number() over (partition by stream order by seq) as n from outbox) as numbered
        where outbox.stream = numbered.stream and outbox.seq = numbered.seq
      `.execute(tx);
      await sql`update outbox set seq = -seq`.execute(tx);
      await sql`
        update cursor set acked_seq = 0, last_seq = (select count(*) from outbox where outbox.stream = cursor.stream)
      `.execute(tx);
      return await writeEpoch(tx);
    });
  }

  async books(): Promise<Books> {
    const rows = await this.#db.read((db) => db.selectFrom("cursor").selectAll().execute());
    const book = (stream: SyncClass) => {
      const row = rows.find((one) => one.stream === stream);
      return { last: row?.last_seq ?? 0, acked: row?.acked_seq ?? 0 };
    };
    return { p0: book("p0"), p1: book("p1"), p2: book("p2"), p3: book("p3"), p4: book("p4") };
  }

  /** The next rows of a stream after `seq`, at least one and at most `bytes` of bodies. */
  async after(stream: SyncClass, seq: number, limit: { items: number; bytes: number }): Promise<OutboxRow[]> {
    const rows = await this.#db.read((db) =>
      db
        .selectFrom("outbox")
        .select(["stream", "seq", "id", "agg", "rev", "wall", "mono", "ttl_ms", "bytes", "body"])
        .where("stream", "=", stream)
        .where("seq", ">", seq)
        .orderBy("seq")
        .limit(limit.items)
        .execute(),
    );
    let bytes = 0;
    const end = rows.findIndex((row, i) => {
      bytes += row.bytes + itemOverheadBytes;
      return i > 0 && bytes > limit.bytes;
    });
    return end < 0 ? rows : rows.slice(0, end);
  }

  /** Deletes what headquarters has committed. */
  async forget(acked: Iterable<readonly [SyncClass, number]>): Promise<void> {
    await this.#db.transact(async (tx) => {
      for (const [stream, upto] of acked) {
        await tx.deleteFrom("outbox").where("stream", "=", stream).where("seq", "<=", upto).execute();
        await tx
          .updateTable("cursor")
          .set({ acked_seq: upto })
          .where("stream", "=", stream)
          .where("acked_seq", "<", upto)
          .execute();
      }
    });
  }

  /** Puts one record in the place of numbers that will never come. `from` and what lies there up to `to` is deleted. */
  async drop(stream: SyncClass, range: { from: number; to: number }, reason: string): Promise<void> {
    await this.#db.transact((tx) => dropRange(tx, this.#clock, stream, range, reason));
  }

  /**
   * What is worthless by now is dropped, from the oldest of each stream on; one that expires behind many that do not waits for them.
   * Returns how many items.
   */
  async expire(): Promise<number> {
    const now = this.#clock.now();
    return await this.#db.transact(async (tx) => {
      let count = 0;
      for (const stream of classes) {
        const rows = await tx
          .selectFrom("outbox")
          .select(["seq", "wall", "ttl_ms"])
          .where("stream", "=", stream)
          .orderBy("seq")
          .limit(lookedAt)
          .execute();
        const expired = rows.filter(({ wall, ttl_ms }) => ttl_ms !== null && wall + ttl_ms < now);
        count += expired.length;
        for (const range of runsOf(expired.map(({ seq }) => seq))) await dropRange(tx, this.#clock, stream, range, "expired");
      }
      return count;
    });
  }

  /** Bytes that rows above `above` take in each stream; all rows without it. */
  async bytes(stream: SyncClass, above = 0): Promise<number> {
    const row = await this.#db.read((db) =>
      db
        .selectFrom("outbox")
        .select((eb) => [eb.fn.sum<number | null>("bytes").as("bytes"), eb.fn.countAll<number>().as("count")])
        .where("stream", "=", stream)
        .where("seq", ">", above)
        .executeTakeFirstOrThrow(),
    );
    return Number(row.bytes ?? 0) + Number(row.count) * itemOverheadBytes;
  }

  /** The oldest rows of a stream that together free at least `bytes`, except such as were written after `before`. */
  async oldest(
    stream: SyncClass,
    { bytes, before }: { bytes: number; before: number },
  ): Promise<{ from: number; to: number; bytes: number } | undefined> {
    const rows = await this.#db.read((db) =>
      db
        .selectFrom("outbox")
        .select(["seq", "bytes"])
        .where("stream", "=", stream)
        .where("wall", "<", before)
        .orderBy("seq")
        .limit(10_000)
        .execute(),
    );
    const [first] = rows;
    if (!first || rows.length < 2) return undefined;
    let freed = 0;
    let to = first.seq;
    for (const row of rows) {
      if (freed >= bytes) break;
      freed += row.bytes + itemOverheadBytes;
      to = row.seq;
    }
    return { from: first.seq, to, bytes: freed };
  }

  /** When the oldest waiting row was written; undefined when nothing waits. */
  async oldestAt(): Promise<number | undefined> {
    const firsts = await this.#db.read((db) =>
      Promise.all(
        classes.map((stream) =>
          db.selectFrom("outbox").select("wall").where("stream", "=", stream).orderBy("seq").limit(1).executeTakeFirst(),
        ),
      ),
    );
    const walls = firsts.flatMap((row) => row?.wall ?? []);
    return walls.length > 0 ? Math.min(...walls) : undefined;
  }
}

/** So many of a stream's oldest rows are looked at in one go: a month's backlog is not read every few seconds. */
const lookedAt = 1_000;

/** Ascending numbers as runs without gaps. */
function runsOf(numbers: readonly number[]): { from: number; to: number }[] {
  const runs: { from: number; to: number }[] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last?.to === number - 1) last.to = number;
    else runs.push({ from: number, to: number });
  }
  return runs;
}

/** What a row takes beside its body, in the table and on the wire. */
const itemOverheadBytes = 250;

async function writeEpoch(tx: BoxTransaction): Promise<string> {
  const value = randomUUID();
  await tx
    .insertInto("setting")
    .values({ key: epochKey, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
  return value;
}

async function dropRange(
  tx: BoxTransaction,
  clock: Clock,
  stream: SyncClass,
  { from, to }: { from: number; to: number },
  reason: string,
): Promise<void> {
  const first = await tx
    .selectFrom("outbox")
    .select("body")
    .where("stream", "=", stream)
    .where("seq", ">=", from)
    .where("seq", "<=", to)
    .orderBy("seq")
    .limit(1)
    .executeTakeFirst();
  const earlier = first && SyncBody.safeParse(JSON.parse(first.body));
  // What was dropped before and not told yet is told with it.
  const fromSeq =
    earlier?.success && earlier.data.type === "outbox.dropped" && earlier.data.cls === stream
      ? Math.min(from, earlier.data.fromSeq)
      : from;
  await tx.deleteFrom("outbox").where("stream", "=", stream).where("seq", ">=", from).where("seq", "<=", to).execute();
  const body: SyncBody = { type: "outbox.dropped", cls: stream, fromSeq, toSeq: to, reason };
  const text = JSON.stringify(body);
  await tx
    .insertInto("outbox")
    .values({
      stream,
      seq: to,
      id: randomUUID(),
      agg: `outbox/${stream}`,
      rev: 0,
      wall: clock.now(),
      mono: clock.monotonic(),
      ttl_ms: null,
      bytes: Buffer.byteLength(text),
      body: text,
    })
    .execute();
}
