import type { AccountTables } from "@sitebox/core/accounts";
import type { Generated } from "kysely";

/** A box that belongs to headquarters, and what was last seen of it. */
export interface BoxTable {
  box: string;
  site_name: string;
  software: string;
  enrolled_at: number;
  certificate_serial: string;
  certificate_expires_at: number;
  key_fingerprint: string;
  online: number;
  /** Since when it is online or offline. */
  since: number;
  last_heard_at: number | null;
  /** Boot and instant of the latest birth: a will that states others comes late. */
  boot: string | null;
  birth_since: number | null;
}
export interface ClaimTable {
  key_fingerprint: string;
  code: string;
  box: string;
  site_name: string;
  csr: string;
  asked_at: number;
  /** The signed certificate, once a person (or a code known beforehand) accepted. */
  certificate: string | null;
  accepted_at: number | null;
  accepted_by: string | null;
}
/** Certificates that open nothing any more. */
export interface RevokedTable {
  serial: string;
  revoked_at: number;
  reason: string;
}
/** Up to where each stream is committed without a gap: what boxes are told. */
export interface StreamTable {
  /** Grows with each new stream: an older epoch of a box is applied before a newer one. */
  id: Generated<number>;
  box: string;
  stream: string;
  epoch: string;
  upto: number;
}
/** Items that are committed and not applied yet. */
export interface InboxTable {
  box: string;
  stream: string;
  epoch: string;
  seq: number;
  /** First number that this item stands for; lower than `seq` only where a box dropped others. */
  from_seq: number;
  id: string;
  agg: string;
  rev: number;
  wall: number;
  hist: number;
  received_at: number;
  body: string;
}
/** What could not be understood or applied, kept for a person. */
export interface DeadTable {
  id: Generated<number>;
  at: number;
  box: string;
  source: string;
  reason: string;
  payload: string;
}

export interface FleetTicketTable {
  box: string;
  id: string;
  rev: number;
  active: number;
  updated_at: number;
  body: string;
}
export interface FleetTicketChangeTable {
  box: string;
  ticket: string;
  rev: number;
  received_at: number;
  body: string;
}
export interface FleetCallTable {
  box: string;
  id: string;
  started_at: number;
  body: string;
}
export interface MetricTable {
  box: string;
  at: number;
  body: string;
}
export interface AlarmTable {
  box: string;
  code: string;
  at: number;
  active: number;
  body: string;
}
/** Numbers that a box dropped (full or too old): reports show them as missing, not as nothing. */
export interface MissingTable {
  box: string;
  stream: string;
  epoch: string;
  from_seq: number;
  to_seq: number;
  reason: string;
  received_at: number;
}

/** All tables of headquarters. */
export interface HeadquartersTables extends AccountTables {
  box: BoxTable;
  claim: ClaimTable;
  revoked: RevokedTable;
  stream: StreamTable;
  inbox: InboxTable;
  dead: DeadTable;
  fleet_ticket: FleetTicketTable;
  fleet_ticket_change: FleetTicketChangeTable;
  fleet_call: FleetCallTable;
  metric: MetricTable;
  alarm: AlarmTable;
  missing: MissingTable;
}
