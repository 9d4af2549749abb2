import { promisify } from "node:util";
import { zstdCompress } from "node:zlib";
import { type BoxId, type SyncBatch, SyncBody, type SyncClass, type SyncItem } from "@sitebox/core/contract";
import type { OutboxRow } from "./outbox-store.ts";

const compress = promisify(zstdCompress);
const worthCompressingBytes = 512;
/** Later than this it is history and rings no bell at headquarters. */
const newsMs = 60_000;

export interface BatchFacts {
  readonly box: BoxId;
  readonly epoch: string;
  readonly boot: string;
  /** Number of the batch in this boot. */
  readonly n: number;
  readonly now: number;
  /** Rows up to this number were sent before. */
  readonly sentBefore: number;
  readonly timeQuality: SyncItem["t"]["q"];
  readonly personalData: boolean;
}

/** A telephone number stays on the site unless the site's owner decided otherwise; all else of these facts names no person. */
function withoutPersons(text: string): unknown {
  const raw: unknown = JSON.parse(text);
  const { success, data: body } = SyncBody.safeParse(raw);
  if (!success) return raw;
  switch (body.type) {
    case "ticket.changed": {
      const { callerNumber: _, ...ticket } = body.ticket;
      return { ...body, ticket };
    }
    case "call.ended":
      return { ...body, call: { ...body.call, callerNumber: "" } };
    case "metric.sampled":
    case "alarm.changed":
    case "outbox.dropped":
      return body;
  }
}

/** Rows of one stream as a batch of the contract. */
export function batchOf(stream: SyncClass, rows: readonly OutboxRow[], facts: BatchFacts): SyncBatch {
  const { box, epoch, boot, n, now, sentBefore, timeQuality, personalData } = facts;
  return {
    v: 1,
    kind: "batch",
    box,
    epoch,
    boot,
    n,
    items: rows.map(({ id, seq, agg, rev, wall, mono, ttl_ms, body }) => ({
      id,
      st: stream,
      seq,
      agg,
      rev,
      t: { wall, mono, q: timeQuality },
      ...(ttl_ms !== null && { ttl: ttl_ms }),
      hist: seq <= sentBefore || now - wall > newsMs,
      body: personalData ? JSON.parse(body) : withoutPersons(body),
    })),
  };
}

/** A message as it travels: JSON, in Zstandard (RFC 8878) where that is worth it. */
export async function payloadOf(message: unknown): Promise<Buffer> {
  const plain = Buffer.from(JSON.stringify(message));
  return plain.length < worthCompressingBytes ? plain : await compress(plain);
}
