import { promisify } from "node:util";
import { gunzip, zstdDecompress } from "node:zlib";
import { BoxId, MAX_BATCH_BYTES, SyncBatch, type SyncClass, SyncItem } from "@sitebox/core/contract";
import { z } from "zod";

const inflate = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) };
/** A little above the most a box may send, so that what is too long is told apart from what is broken. */
const mostBytes = MAX_BATCH_BYTES * 2;

/** The text of a payload: plain, gzip (RFC 1952) or Zstandard (RFC 8878), told apart by their first bytes. */
export async function textOf(payload: Buffer): Promise<string> {
  if (payload.length > mostBytes) throw new Error("the message is longer than 512 KiB");
  const magic = payload.length >= 4 ? payload.readUInt32BE(0) : 0;
  const options = { maxOutputLength: mostBytes };
  if (magic >>> 16 === 0x1f8b) return (await inflate.gzip(payload, options)).toString("utf8");
  if (magic === 0x28b52ffd) return (await inflate.zstd(payload, options)).toString("utf8");
  return payload.toString("utf8");
}

const Envelope = SyncBatch.extend({ items: z.array(z.unknown()).min(1).max(1_000) });
const Numbered = z.object({ seq: SyncItem.shape.seq });

/**
 * A batch of `cls` from `box`. An item that is malformed but has its number stands as one that cannot be applied:
 * it ends as a dead letter and does not hold up its stream. Throws when the batch itself cannot be used.
 */
export function batchOf(text: string, box: string, cls: SyncClass): SyncBatch {
  const envelope = Envelope.parse(JSON.parse(text));
  if (envelope.box !== box) throw new Error("the batch is of another box");
  const items = envelope.items.map((raw): SyncItem => {
    const item = SyncItem.safeParse(raw);
    if (item.success && item.data.st === cls) return item.data;
    const { seq } = Numbered.parse(raw);
    return {
      id: "",
      st: cls,
      seq,
      agg: "",
      rev: 0,
      t: { wall: 0, mono: 0, q: "floor" },
      hist: false,
      body: { malformed: raw },
    };
  });
  return { ...envelope, box: BoxId.parse(box), items };
}
