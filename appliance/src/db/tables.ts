import type { AccountTables } from "@sitebox/core/accounts";
import type {
  Call,
  CallId,
  CallLeg,
  CallMoment,
  CallOutcome,
  CallState,
  PlanChange,
  Priority,
  StaffId,
  TextMessage,
  TicketChange,
  TicketChannel,
  TicketId,
  TicketKind,
  TicketState,
} from "@sitebox/core/contract";
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
  tested_line: string | null;
}
/** One side of a call; `call_id` is the call that it ended in. */
export interface CallLegTable {
  id: string;
  call_id: string;
  number: string;
  line: string | null;
  direction: CallLeg["direction"];
  started_at: number;
  answered_at: number | null;
  ended_at: number | null;
  cause: CallLeg["cause"] | null;
  wire_id: string | null;
  peer: string | null;
  codec: string | null;
  secure: number | null;
  /** JSON. */
  stats: string | null;
}
export interface CallMomentTable {
  seq: Generated<number>;
  call_id: string;
  at_ms: number;
  type: CallMoment["type"];
  text: string;
  data: string | null;
}

export interface StaffTable {
  id: StaffId;
  name: string;
  /** JSON arrays. */
  skills: string;
  zones: string;
  extension: string | null;
  on_shift: number;
  /** 1: no longer in the site's configuration; the row stays for the tickets that name it. */
  removed: number;
  last_assigned_at: number;
}
/** The last number given out on a day of the site. */
export interface TicketDayTable {
  day: string;
  last_number: number;
}
export interface TicketTable {
  id: TicketId;
  day: string;
  number: string;
  state: TicketState;
  rev: number;
  kind: TicketKind;
  intent: string;
  priority: Priority;
  place: string | null;
  item: string | null;
  fault: string | null;
  quantity: number | null;
  summary: string;
  incomplete: number;
  channel: TicketChannel;
  call_id: CallId | null;
  caller_number: string | null;
  audio_file: string | null;
  said: string | null;
  staff: StaffId | null;
  opened_at: number;
  updated_at: number;
}
export interface TicketChangeTable {
  ticket: TicketId;
  rev: number;
  type: TicketChange["type"];
  state: TicketState;
  at: number;
  actor: string;
  staff: StaffId | null;
  staff_name: string | null;
  note: string | null;
  command_id: string | null;
}

export interface MetricSampleTable {
  at: number;
  sample: string;
}
export interface AlarmTable {
  code: string;
  alarm: string;
  rev: number;
}
/** Signalling of calls as it went over the wire, without its secrets; found for a call by the wire_id of its legs. */
export interface WireMessageTable {
  seq: Generated<number>;
  wire_id: string;
  at: number;
  direction: "in" | "out";
  transport: "udp" | "tcp" | "tls";
  local: string;
  remote: string;
  bytes: Uint8Array;
}
/** Callers that are refused (black) or always get through (white), beside those of the configuration. */
export interface ListedNumberTable {
  id: string;
  list: "black" | "white";
  number: string;
  note: string;
  added_by: string;
  added_at: number;
  expires_at: number | null;
}
export interface ExtensionSwitchTable {
  extension: string;
  do_not_disturb: number;
  /** JSON array; null: as the configuration says. */
  follow_me: string | null;
}
/** Who changed what about the way of calls. Callers' numbers are masked: the record stays when the entry is gone. */
export interface PlanChangeTable {
  seq: Generated<number>;
  at: number;
  actor: string;
  type: PlanChange["type"];
  subject: string;
  detail: string | null;
}
export interface MailboxMessageTable {
  id: string;
  extension: string;
  call_id: CallId | null;
  ticket_id: TicketId | null;
  caller_number: string;
  audio_file: string;
  duration_ms: number;
  left_at: number;
  heard_at: number | null;
}
/** Lines that people added on a page; JSON with their secrets, readable by the box alone as the whole file is. */
export interface LineConfigTable {
  name: string;
  config: string;
  added_at: number;
}
/** Who changed a line; as JSON without secrets, null before it was added and after it was removed. */
export interface LineChangeTable {
  seq: Generated<number>;
  at: number;
  actor: string;
  line: string;
  before: string | null;
  after: string | null;
}
export interface LineSwitchedOffTable {
  name: string;
}
/** What a line has done in the hour, the day of the site and the minute named. */
export interface LineUseTable {
  line: string;
  hour: number;
  calls: number;
  day: string;
  call_ms: number;
  texts: number;
  minute: number;
  minute_texts: number;
  call_ended_at: number | null;
}
export interface LineOutageTable {
  seq: Generated<number>;
  line: string;
  from_at: number;
  until_at: number | null;
}
/** A text of a line, with what is still to be done about it. */
export interface TextMessageTable {
  seq: Generated<number>;
  id: string;
  line: string;
  port: number | null;
  /** The line's own name of what came in. */
  wire_id: string | null;
  direction: TextMessage["direction"];
  number: string;
  text: string;
  /** "sending": given to the line, which has not said yet what came of it. */
  state: TextMessage["state"] | "sending";
  reason: string | null;
  /** "request" came from a person, "service" from an operator, a bank or a machine; the others go out. "emergency" answers a call for help. */
  purpose: "request" | "service" | "answer" | "emergency" | "done" | "desk" | "test";
  at: number;
  /** 0: what came in has not been dealt with. */
  handled: number;
  attempts: number;
  next_at: number | null;
  settled_at: number | null;
  reference: string | null;
  ticket_id: TicketId | null;
}
/** How the last call of the box to one of its own numbers went, as {@link SelfCall}. */
export interface SelfCallTable {
  line: string;
  number: string;
  result: string;
}
/** A text of which a modem's network is to report. */
export interface AwaitedReportTable {
  line: string;
  /** What its reports will be told by. */
  reference: string;
  number: string;
  /** References of parts (TP-MR) that have no report yet, as JSON. */
  parts: string;
  /** 1: what became of it is told; parts may still report. */
  told: number;
  at: number;
}
/** Somebody was asked back by text. */
export interface TextQuestionTable {
  number: string;
  line: string;
  port: number | null;
  /** All that was said so far. */
  text: string;
  asked_at: number;
}
/** Who does not want texts of ours. */
export interface TextRefusalTable {
  number: string;
  at: number;
}
/** What was deleted because its time was over, and when: proof that personal data do not stay. */
export interface DeletionReceiptTable {
  seq: Generated<number>;
  at: number;
  receipt: string;
}

/** All tables of a box. */
export interface BoxTables extends AccountTables {
  staff: StaffTable;
  ticket_day: TicketDayTable;
  ticket: TicketTable;
  ticket_change: TicketChangeTable;
  metric_sample: MetricSampleTable;
  alarm: AlarmTable;
  deletion_receipt: DeletionReceiptTable;
  listed_number: ListedNumberTable;
  extension_switch: ExtensionSwitchTable;
  plan_change: PlanChangeTable;
  mailbox_message: MailboxMessageTable;
  wire_message: WireMessageTable;
  line_config: LineConfigTable;
  line_change: LineChangeTable;
  line_switched_off: LineSwitchedOffTable;
  line_use: LineUseTable;
  line_outage: LineOutageTable;
  text_message: TextMessageTable;
  text_question: TextQuestionTable;
  text_refusal: TextRefusalTable;
  self_call: SelfCallTable;
  awaited_report: AwaitedReportTable;
  outbox: OutboxTable;
  call: CallTable;
  call_leg: CallLegTable;
  call_moment: CallMomentTable;
  cursor: CursorTable;
  inbox: InboxTable;
  setting: SettingTable;
}
