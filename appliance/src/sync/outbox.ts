import type { SyncBody, SyncClass } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { BoxTransaction } from "../db/index.ts";

export interface OutboxEntry {
  readonly cls: SyncClass;
  /** What it belongs to, e.g. "ticket/018f…": order is kept within an aggregate. */
  readonly aggregate: string;
  readonly rev: number;
  readonly body: SyncBody;
  readonly ttlMs?: number;
}

/** Adds a fact to the way to headquarters, inside the transaction of the change that it tells of. */
export async function appendOutbox(
  tx: BoxTransaction,
  clock: Clock,
  { cls, aggregate, rev, body, ttlMs }: OutboxEntry,
): Promise<void> {
  const { last_seq: seq } = await tx
    .insertInto("cursor")
    .values({ stream: cls, last_seq: 1, acked_seq: 0 })
    .onConflict((conflict) => conflict.column("stream").doUpdateSet((eb) => ({ last_seq: eb("cursor.last_seq", "+", 1) })))
    .returning("last_seq")
    .executeTakeFirstOrThrow();
  const text = JSON.stringify(body);
  await tx
    .insertInto("outbox")
    .values({
      stream: cls,
      seq,
      id: crypto.randomUUID(),
      agg: aggregate,
      rev,
      wall: clock.now(),
      mono: clock.monotonic(),
      ttl_ms: ttlMs ?? null,
      bytes: Buffer.byteLength(text),
      body: text,
    })
    .execute();
}
