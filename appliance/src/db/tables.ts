import type { Call, CallMoment, CallOutcome, CallState } from "@sitebox/core/contract";
import type { Generated } from "kysely";

/** Facts on their way to headquarters (see sync/). Rows leave only by headquarters' cumulative ack. */
export interface OutboxTable {
  stream: string;
  seq: number;
  id: string;
  agg: string;
  rev: number;
  wall: number;
  mono: number;
  ttl_ms: number | null;
  /** 1 after it was sent once: a further sending is history. */
  sent: Generated<number>;
  bytes: number;
  body: string;
}
/** The last sequence number given out and acknowledged in each stream. */
export interface CursorTable {
  stream: string;
  last_seq: number;
  acked_seq: number;
}
/** Commands of headquarters that were carried out; their ids make a repeat harmless. */
export interface InboxTable {
  id: string;
  result: string;
  done_at: number;
}
export interface SettingTable {
  key: string;
  value: string;
}

export interface CallTable {
  id: string;
  channel: Call["channel"];
  caller_number: string;
  dialled: string;
  state: CallState;
  started_at: number;
  answered_at: number | null;
  ended_at: number | null;
  outcome: CallOutcome | null;
  ticket_ids: string;
  recording_file: string | null;
}
export interface CallMomentTable {
  seq: Generated<number>;
  call_id: string;
  at_ms: number;
  type: CallMoment["type"];
  text: string;
  data: string | null;
}

/** All tables of a box. */
export interface BoxTables {
  outbox: OutboxTable;
  call: CallTable;
  call_moment: CallMomentTable;
  cursor: CursorTable;
  inbox: InboxTable;
  setting: SettingTable;
}
