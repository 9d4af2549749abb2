import { type SyncBatch, SyncBody, type SyncClass, type SyncItem } from "@sitebox/core/contract";
import { sql } from "kysely";
import type { HeadquartersTransaction } from "../db/index.ts";
import { type Received, receive, type Span } from "./machine.ts";

/** What a batch says of one stream. */
export interface StreamPart {
  readonly stream: SyncClass;
  readonly items: readonly SyncItem[];
}

/** A batch by stream. (Boxes send one stream a batch; the contract allows more.) */
export function partsOf(batch: SyncBatch): StreamPart[] {
  return [...Map.groupBy(batch.items, ({ st }) => st)].map(([stream, items]) => ({ stream, items }));
}

/** The numbers an item stands for: its own, and where the box dropped some before it, theirs. */
export function spanOf({ st, seq, body }: SyncItem): Span {
  const dropped = SyncBody.safeParse(body);
  if (!dropped.success || dropped.data.type !== "outbox.dropped") return { from: seq, to: seq };
  const { cls, fromSeq, toSeq } = dropped.data;
  return cls === st && toSeq === seq && fromSeq >= 1 && fromSeq <= seq ? { from: fromSeq, to: seq } : { from: seq, to: seq };
}

/** Reads where a stream stands; a stream that is not known stands at zero. */
export async function receivedOf(
  tx: HeadquartersTransaction,
  key: { box: string; stream: string; epoch: string },
): Promise<Received> {
  const row = await tx
    .selectFrom("stream")
    .select("upto")
    .where("box", "=", key.box)
    .where("stream", "=", key.stream)
    .where("epoch", "=", key.epoch)
    .executeTakeFirst();
  if (!row) return { upto: 0, held: [] };
  const held = await tx
    .selectFrom("inbox")
    .select(["from_seq as from", "seq as to"])
    .where("box", "=", key.box)
    .where("stream", "=", key.stream)
    .where("epoch", "=", key.epoch)
    .where("seq", ">", row.upto)
    .execute();
  return { upto: row.upto, held };
}

/** SQLite takes at most 32,766 parameters a statement. */
const rowsAStatement = 500;

/** Commits one stream's part of a batch and returns where the stream stands then. */
export async function keep(
  tx: HeadquartersTransaction,
  { box, epoch }: SyncBatch,
  { stream, items }: StreamPart,
  receivedAt: number,
): Promise<Received> {
  const key = { box, stream, epoch };
  const spans = new Map(items.map((item) => [item, spanOf(item)]));
  const { next, fresh } = receive(await receivedOf(tx, key), [...spans.values()]);
  const kept = new Set(fresh);
  const rows = items.flatMap((item) => {
    const span = spans.get(item);
    if (!span || !kept.has(span)) return [];
    const { id, agg, rev, seq, hist, body } = item;
    return {
      ...key,
      seq,
      from_seq: span.from,
      id,
      agg,
      rev,
      wall: Math.round(item.t.wall),
      hist: hist ? 1 : 0,
      received_at: receivedAt,
      body: JSON.stringify(body ?? null),
    };
  });
  for (let at = 0; at < rows.length; at += rowsAStatement)
    await tx
      .insertInto("inbox")
      .values(rows.slice(at, at + rowsAStatement))
      // Already here beyond a gap. Where the box meanwhile dropped what is missing, the item now stands for that too.
      .onConflict((conflict) =>
        conflict
          .columns(["box", "stream", "epoch", "seq"])
          .doUpdateSet((eb) => ({ from_seq: eb.ref("excluded.from_seq") }))
          .where(sql<boolean>`excluded.from_seq < inbox.from_seq`),
      )
      .execute();
  await tx
    .insertInto("stream")
    .values({ ...key, upto: next.upto })
    .onConflict((conflict) => conflict.columns(["box", "stream", "epoch"]).doUpdateSet({ upto: next.upto }))
    .execute();
  return next;
}
