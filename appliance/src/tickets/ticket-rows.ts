import { Staff, type SyncBody, type Ticket, type TicketChange } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { Selectable } from "kysely";
import type { BoxTables, BoxTransaction } from "../db/index.ts";
import { appendOutbox } from "../sync/index.ts";
import type { TicketPhase } from "./machine.ts";

export type TicketRow = Selectable<BoxTables["ticket"]>;
export type StaffRow = Selectable<BoxTables["staff"]>;

export function toTicket(row: TicketRow, staffName: string | undefined): Ticket {
  return {
    id: row.id,
    number: row.number,
    state: row.state,
    rev: row.rev,
    kind: row.kind,
    intent: row.intent,
    priority: row.priority,
    place: row.place ?? undefined,
    item: row.item ?? undefined,
    fault: row.fault ?? undefined,
    quantity: row.quantity ?? undefined,
    summary: row.summary,
    incomplete: row.incomplete === 1,
    channel: row.channel,
    callId: row.call_id ?? undefined,
    callerNumber: row.caller_number ?? undefined,
    hasAudio: row.audio_file !== null,
    said: row.said ?? undefined,
    staff: row.staff ?? undefined,
    staffName,
    openedAt: row.opened_at,
    updatedAt: row.updated_at,
  };
}

export function toChange(row: Selectable<BoxTables["ticket_change"]>): TicketChange {
  return {
    rev: row.rev,
    type: row.type,
    state: row.state,
    at: row.at,
    actor: row.actor,
    staff: row.staff ?? undefined,
    staffName: row.staff_name ?? undefined,
    note: row.note ?? undefined,
  };
}

export function toStaff(row: StaffRow): Staff {
  return Staff.parse({
    id: row.id,
    name: row.name,
    skills: JSON.parse(row.skills),
    zones: JSON.parse(row.zones),
    onShift: row.on_shift === 1,
    extension: row.extension ?? undefined,
  });
}

/** The machine's view of a row. */
export function phaseOf({ state, staff }: TicketRow, lastChange: TicketChange["type"] | undefined): TicketPhase {
  if (state === "open") return { state, unassignable: lastChange === "unassignable" };
  if (state === "done" || state === "cancelled") return { state, staff: staff ?? undefined };
  if (staff === null) throw new Error(`work order without staff in state ${state}`);
  return { state, staff };
}

export interface SyncRules {
  readonly clock: Clock;
  /** Whether callers' numbers may leave the site. */
  readonly syncPersonalData: boolean;
}

/** A message that was written stands in its summary, too, in the writer's own words. */
function withoutPersonalData({ callerNumber: _, said: __, ...ticket }: Ticket): Ticket {
  return ticket.channel === "sms" && ticket.kind === "message" ? { ...ticket, summary: "" } : ticket;
}

/** Puts a change on its way to headquarters, in the transaction that makes it. */
export function reportChange(
  tx: BoxTransaction,
  { clock, syncPersonalData }: SyncRules,
  ticket: Ticket,
  change: TicketChange,
): Promise<void> {
  const body: SyncBody = { type: "ticket.changed", ticket: syncPersonalData ? ticket : withoutPersonalData(ticket), change };
  return appendOutbox(tx, clock, { cls: "p1", aggregate: `ticket/${ticket.id}`, rev: change.rev, body });
}
