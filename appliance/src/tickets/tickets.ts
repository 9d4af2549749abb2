import { EventEmitter } from "node:events";
import { isAbsolute, join, normalize } from "node:path";
import {
  type Staff,
  type StaffId,
  type Ticket,
  type TicketChange,
  type TicketCommand,
  TicketDraft,
  TicketId,
  type TicketWithHistory,
} from "@sitebox/core/contract";
import type { Log } from "@sitebox/core/kernel";
import type { Kysely } from "kysely";
import type { BoxDatabase, BoxTables } from "../db/index.ts";
import { type Actor, eventOf, mayCommand } from "./machine.ts";
import { dayOf, nextNumber } from "./numbers.ts";
import { heldStates, listStaff, seedStaff } from "./staff-rows.ts";
import { isStorageFailure, TicketError } from "./ticket-error.ts";
import { type TicketRow, toChange, toStaff, toTicket } from "./ticket-rows.ts";
import { byDispatch, Work, type WorkRules } from "./work.ts";

export interface TicketsDeps extends WorkRules {
  readonly db: BoxDatabase;
  readonly log: Log;
  readonly dataDir: string;
}

export interface TicketEvents {
  /** A change that is on disk. */
  ticketChanged: [Ticket, TicketChange];
  staffChanged: [Staff];
  /** A change could not be written; whoever asked for it knows. */
  storageFailed: [unknown];
}

export interface TicketFilter {
  /** Neither done nor cancelled; the most urgent and oldest first, so that none is forgotten. Otherwise the newest first. */
  readonly active?: boolean | undefined;
  /** Those of this person. */
  readonly staff?: StaffId | undefined;
  /** With `staff`: also those that nobody has. */
  readonly withOpen?: boolean;
  readonly limit?: number;
}

/** Work orders and the staff who do them. */
export class Tickets {
  readonly events = new EventEmitter<TicketEvents>();
  readonly #db: BoxDatabase;
  readonly #rules: WorkRules;
  readonly #log: Log;
  readonly #dataDir: string;

  constructor({ db, log, dataDir, ...rules }: TicketsDeps) {
    this.#db = db;
    this.#rules = rules;
    this.#log = log.child("tickets");
    this.#dataDir = dataDir;
  }

  /** Takes the staff over from the site's configuration; what the ones who left had is given to others. */
  async start(): Promise<void> {
    await this.#work(async (work, tx) => {
      for (const staff of await seedStaff(tx, this.#rules.site.staff)) await work.takeFrom(staff, heldStates, byDispatch);
      await work.dispatchOpen();
    });
  }

  /**
   * Opens a work order and looks for somebody to do it. Once this resolves all of it is on disk, and its number may be spoken.
   * @throws TicketError "storage": nothing was kept, a person has to take the request
   */
  async open(draft: TicketDraft, actor = "assistant"): Promise<Ticket> {
    const { callId, callerNumber, audioFile, said, ...request } = TicketDraft.parse(draft);
    const { clock, site } = this.#rules;
    return this.#work(async (work, tx) => {
      const at = clock.now();
      const day = dayOf(at, site.timeZone);
      const id = TicketId.parse(crypto.randomUUID());
      const row: TicketRow = {
        id,
        day,
        number: await nextNumber(tx, day, site.code),
        state: "open",
        rev: 1,
        kind: request.kind,
        intent: request.intent,
        priority: request.priority,
        place: request.place ?? null,
        item: request.item ?? null,
        fault: request.fault ?? null,
        quantity: request.quantity ?? null,
        summary: request.summary,
        incomplete: request.incomplete ? 1 : 0,
        channel: request.channel,
        call_id: callId ?? null,
        caller_number: callerNumber ?? null,
        audio_file: audioFile ?? null,
        said: said ?? null,
        staff: null,
        opened_at: at,
        updated_at: at,
      };
      await work.insert(row, { actor: actor.slice(0, 64) });
      await work.dispatch(row);
      const [ticket] = work.changed.at(-1) ?? [];
      if (!ticket) throw new Error("a work order was opened without a change");
      return ticket;
    });
  }

  /**
   * Carries out what a person asks for. The same `commandId` again changes nothing and answers with the present state.
   * @throws TicketError "not-found", "not-allowed", "wrong-state", "storage"
   */
  async command(id: TicketId | string, command: TicketCommand, actor: Actor): Promise<TicketWithHistory> {
    const ticketId = id as TicketId;
    await this.#work(async (work, tx) => {
      const found = await work.find(ticketId);
      if (!found) throw new TicketError("no-such-ticket");
      const repeated = await tx
        .selectFrom("ticket_change")
        .select("rev")
        .where("ticket", "=", ticketId)
        .where("command_id", "=", command.commandId)
        .executeTakeFirst();
      if (repeated) return;
      if (!mayCommand(actor, found.phase, command.action)) throw new TicketError("ticket-not-yours");
      if (command.action === "assign") await known(tx, command.staff);
      if (command.action === "accept" && actor.staff !== undefined) await known(tx, actor.staff);
      const note = "note" in command ? command.note : undefined;
      const done = await work.apply(found.row, eventOf(command, actor), {
        actor: actor.name.slice(0, 64),
        note,
        commandId: command.commandId,
      });
      if (!done) throw new TicketError("ticket-action-unfit", { about: { action: command.action, state: found.row.state } });
      if (command.action === "decline" || command.action === "finish") await work.dispatchOpen();
    });
    return this.get(ticketId);
  }

  /** @throws TicketError "not-found" */
  async get(id: TicketId | string): Promise<TicketWithHistory> {
    const ticketId = id as TicketId;
    return this.#db.read(async (db) => {
      const row = await withStaff(db).where("ticket.id", "=", ticketId).executeTakeFirst();
      if (!row) throw new TicketError("no-such-ticket");
      const changes = await db.selectFrom("ticket_change").selectAll().where("ticket", "=", ticketId).orderBy("rev").execute();
      return { ...toTicket(row, row.staff_name ?? undefined), history: changes.map(toChange) };
    });
  }

  async list({ active, staff, withOpen = false, limit = 200 }: TicketFilter = {}): Promise<Ticket[]> {
    return this.#db.read(async (db) => {
      let query = withStaff(db).limit(limit);
      if (active !== undefined) query = query.where("ticket.state", active ? "in" : "not in", ["open", ...heldStates]);
      if (staff !== undefined)
        query = query.where((eb) =>
          withOpen ? eb.or([eb("ticket.staff", "=", staff), eb("ticket.state", "=", "open")]) : eb("ticket.staff", "=", staff),
        );
      query = active
        ? query.orderBy("ticket.priority").orderBy("ticket.opened_at").orderBy("ticket.number")
        : query.orderBy("ticket.opened_at", "desc").orderBy("ticket.number", "desc");
      return (await query.execute()).map((row) => toTicket(row, row.staff_name ?? undefined));
    });
  }

  /** Where the voice message of a work order is on disk. @throws TicketError "not-found" */
  async audioFile(id: TicketId | string): Promise<string> {
    const ticketId = id as TicketId;
    const row = await this.#db.read((db) =>
      db.selectFrom("ticket").select("audio_file").where("id", "=", ticketId).executeTakeFirst(),
    );
    const file = row?.audio_file && normalize(row.audio_file);
    if (!file || isAbsolute(file) || file.startsWith("..")) throw new TicketError("ticket-without-recording");
    return join(this.#dataDir, file);
  }

  listStaff(): Promise<Staff[]> {
    return this.#db.read(listStaff);
  }

  /**
   * Begins or ends somebody's shift. What they had not accepted goes to others; what waits for somebody is tried again.
   * @throws TicketError "not-found", "storage"
   */
  async setShift(staff: StaffId | string, onShift: boolean, actor: Pick<Actor, "name">): Promise<Staff> {
    const member = await this.#work(async (work, tx) => {
      const row = await known(tx, staff);
      await tx
        .updateTable("staff")
        .set({ on_shift: onShift ? 1 : 0 })
        .where("id", "=", row.id)
        .execute();
      if (!onShift) await work.takeFrom(row.id, ["assigned"], { actor: actor.name.slice(0, 64) });
      await work.dispatchOpen();
      return toStaff({ ...row, on_shift: onShift ? 1 : 0 });
    });
    this.events.emit("staffChanged", member);
    return member;
  }

  /** Runs one transaction and tells of its changes once they are on disk. */
  async #work<T>(run: (work: Work, tx: Parameters<Parameters<BoxDatabase["transact"]>[0]>[0]) => Promise<T>): Promise<T> {
    try {
      const { result, changed, unassignable } = await this.#db.transact(async (tx) => {
        const work = new Work(tx, this.#rules);
        return { result: await run(work, tx), changed: work.changed, unassignable: work.unassignable };
      });
      for (const { ticket, excluded } of unassignable)
        this.#log.warn("nobody to be found for a work order, it stays with the desk", { ticket, excluded });
      for (const [ticket, change] of changed) this.#tell(ticket, change);
      return result;
    } catch (error) {
      if (!isStorageFailure(error)) throw error;
      this.#log.error("work orders cannot be stored", { err: error });
      this.events.emit("storageFailed", error);
      throw new TicketError("ticket-not-stored", { cause: error });
    }
  }

  #tell(ticket: Ticket, change: TicketChange): void {
    this.#log.info("work order changed", { ticket: ticket.id, number: ticket.number, rev: change.rev, change: change.type });
    try {
      this.events.emit("ticketChanged", ticket, change);
    } catch (err) {
      // It is on disk: a listener that fails must not make the caller believe that it is not.
      this.#log.error("a listener of work orders failed", { err });
    }
  }
}

const withStaff = (db: Kysely<BoxTables>) =>
  db.selectFrom("ticket").leftJoin("staff", "staff.id", "ticket.staff").selectAll("ticket").select("staff.name as staff_name");

async function known(tx: Kysely<BoxTables>, staff: StaffId | string) {
  const row = await tx
    .selectFrom("staff")
    .selectAll()
    .where("id", "=", staff as StaffId)
    .where("removed", "=", 0)
    .executeTakeFirst();
  if (!row) throw new TicketError("no-such-staff");
  return row;
}

/** Opens the work orders of a box. */
export async function openTickets(deps: TicketsDeps): Promise<Tickets> {
  const tickets = new Tickets(deps);
  await tickets.start();
  return tickets;
}
