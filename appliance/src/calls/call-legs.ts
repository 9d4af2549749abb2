import type { CallId, CallLeg, CallLegStats } from "@sitebox/core/contract";
import type { CallLegTable } from "../db/index.ts";

/** A side of a call as its row. */
export const rowOfLeg = (callId: CallId, leg: CallLeg): CallLegTable => ({
  id: leg.id,
  call_id: callId,
  number: leg.number,
  line: leg.line ?? null,
  direction: leg.direction,
  started_at: leg.startedAt,
  answered_at: leg.answeredAt ?? null,
  ended_at: leg.endedAt ?? null,
  cause: leg.cause ?? null,
  wire_id: leg.wireId ?? null,
  peer: leg.peer ?? null,
  codec: leg.codec ?? null,
  secure: leg.secure === undefined ? null : Number(leg.secure),
  stats: leg.stats ? JSON.stringify(leg.stats) : null,
});

export const legOfRow = (row: CallLegTable): CallLeg => ({
  id: row.id,
  number: row.number,
  direction: row.direction,
  ...(row.line !== null && { line: row.line }),
  startedAt: row.started_at,
  ...(row.answered_at !== null && { answeredAt: row.answered_at }),
  ...(row.ended_at !== null && { endedAt: row.ended_at }),
  ...(row.cause !== null && { cause: row.cause }),
  ...(row.wire_id !== null && { wireId: row.wire_id }),
  ...(row.peer !== null && { peer: row.peer }),
  ...(row.codec !== null && { codec: row.codec }),
  ...(row.secure !== null && { secure: row.secure === 1 }),
  ...(row.stats !== null && { stats: JSON.parse(row.stats) as CallLegStats }),
});
