import type { SiteConfig, StaffId, Ticket, TicketChange, TicketId } from "@sitebox/core/contract";
import type { BoxTransaction } from "../db/index.ts";
import { type Dispatch, dispatch } from "./dispatch.ts";
import { DESK_SKILL, jobOf } from "./job.ts";
import { type Move, step, type TicketEvent, type TicketPhase } from "./machine.ts";
import { candidates, type heldStates } from "./staff-rows.ts";
import { phaseOf, reportChange, type SyncRules, type TicketRow, toTicket } from "./ticket-rows.ts";

export interface WorkRules extends SyncRules {
  readonly site: SiteConfig;
}

export interface By {
  readonly actor: string;
  readonly note?: string | undefined;
  readonly commandId?: string | undefined;
}
export const byDispatch: By = { actor: "dispatch" };

/** One transaction's work on tickets: each change goes into the ticket, its history and the outbox together. */
export class Work {
  /** What was changed, in order: told to others once it is on disk. */
  readonly changed: [Ticket, TicketChange][] = [];
  /** For whom nobody was found, and why none of the staff. */
  readonly unassignable: { readonly ticket: TicketId; readonly excluded: Dispatch["excluded"] }[] = [];
  readonly #tx: BoxTransaction;
  readonly #rules: WorkRules;

  constructor(tx: BoxTransaction, rules: WorkRules) {
    this.#tx = tx;
    this.#rules = rules;
  }

  async find(id: TicketId): Promise<{ row: TicketRow; phase: TicketPhase } | undefined> {
    const row = await this.#tx.selectFrom("ticket").selectAll().where("id", "=", id).executeTakeFirst();
    return row && { row, phase: await this.#phase(row) };
  }

  /** Puts a new work order on disk. */
  async insert(row: TicketRow, by: By): Promise<void> {
    await this.#tx.insertInto("ticket").values(row).execute();
    await this.#record(row, { next: { state: "open", unassignable: false }, change: "opened", staff: undefined }, by);
  }

  /** Does one event to a work order; false where it makes no sense in the ticket's state. */
  async apply(row: TicketRow, event: TicketEvent, by: By): Promise<boolean> {
    const move = step(await this.#phase(row), event);
    if (!move) return false;
    const at = this.#rules.clock.now();
    const next: TicketRow = {
      ...row,
      state: move.next.state,
      staff: move.next.state === "open" ? null : (move.next.staff ?? null),
      rev: row.rev + 1,
      updated_at: at,
    };
    const { state, staff, rev, updated_at } = next;
    await this.#tx.updateTable("ticket").set({ state, staff, rev, updated_at }).where("id", "=", row.id).execute();
    if (move.staff !== undefined && (move.change === "assigned" || move.change === "accepted"))
      await this.#tx.updateTable("staff").set({ last_assigned_at: at }).where("id", "=", move.staff).execute();
    await this.#record(next, move, by);
    return true;
  }

  /** Looks for somebody for an open work order. Nobody: it stays with the desk, and says so once. */
  async dispatch(row: TicketRow): Promise<void> {
    await this.#offer([row]);
  }

  /** Tries all work orders again that nobody has, the most urgent and then the oldest first. */
  async dispatchOpen(): Promise<void> {
    const open = this.#tx.selectFrom("ticket").selectAll().where("state", "=", "open");
    await this.#offer(await open.orderBy("priority").orderBy("opened_at").execute());
  }

  async #offer(rows: readonly TicketRow[]): Promise<void> {
    if (rows.length === 0) return;
    const declined = await this.#declined(rows);
    let staff = await candidates(this.#tx);
    for (const row of rows) {
      const declinedBy = declined.get(row.id) ?? [];
      const job = jobOf(this.#rules.site, row);
      const urgent = row.priority === "P0";
      // A message for a person is where it belongs while it is at the desk: nobody was to be sent out for it.
      if (job.skill === DESK_SKILL && !urgent && !staff.some(({ skills }) => skills.includes("*") || skills.includes(DESK_SKILL)))
        continue;
      const choice = dispatch({ ...job, declinedBy, urgent }, staff);
      if (choice.staff !== undefined) {
        await this.apply(row, { type: "assign", staff: choice.staff }, byDispatch);
        staff = await candidates(this.#tx);
      } else {
        const said = await this.apply(row, { type: "find-nobody" }, byDispatch);
        if (said) this.unassignable.push({ ticket: row.id, excluded: choice.excluded });
      }
    }
  }

  async #declined(rows: readonly TicketRow[]): Promise<Map<TicketId, StaffId[]>> {
    let query = this.#tx
      .selectFrom("ticket_change")
      .innerJoin("ticket", "ticket.id", "ticket_change.ticket")
      .select(["ticket_change.ticket", "ticket_change.staff"])
      .where("ticket_change.type", "=", "declined");
    const [only] = rows;
    query = rows.length === 1 && only ? query.where("ticket.id", "=", only.id) : query.where("ticket.state", "=", "open");
    const declined = new Map<TicketId, StaffId[]>();
    for (const { ticket, staff } of await query.execute())
      if (staff !== null) declined.set(ticket, [...(declined.get(ticket) ?? []), staff]);
    return declined;
  }

  /** Takes work from somebody, e.g. what they had not accepted yet when their shift ended. */
  async takeFrom(staff: StaffId, states: readonly (typeof heldStates)[number][], by: By): Promise<void> {
    const rows = await this.#tx
      .selectFrom("ticket")
      .selectAll()
      .where("staff", "=", staff)
      .where("state", "in", states)
      .execute();
    for (const row of rows) await this.apply(row, { type: "unassign" }, by);
  }

  async #phase(row: TicketRow): Promise<TicketPhase> {
    const last = await this.#tx
      .selectFrom("ticket_change")
      .select("type")
      .where("ticket", "=", row.id)
      .where("type", "!=", "commented")
      .orderBy("rev", "desc")
      .limit(1)
      .executeTakeFirst();
    return phaseOf(row, last?.type);
  }

  async #staffName(id: StaffId | undefined): Promise<string | undefined> {
    if (id === undefined) return undefined;
    const row = await this.#tx.selectFrom("staff").select("name").where("id", "=", id).executeTakeFirst();
    return row?.name;
  }

  async #record(row: TicketRow, { change: type, staff }: Move, { actor, note, commandId }: By): Promise<void> {
    const staffName = await this.#staffName(staff);
    const change: TicketChange = { rev: row.rev, type, state: row.state, at: row.updated_at, actor, staff, staffName, note };
    await this.#tx
      .insertInto("ticket_change")
      .values({
        ticket: row.id,
        rev: row.rev,
        type,
        state: row.state,
        at: row.updated_at,
        actor,
        staff: staff ?? null,
        staff_name: staffName ?? null,
        note: note ?? null,
        command_id: commandId ?? null,
      })
      .execute();
    const ticket = toTicket(row, row.staff === staff ? staffName : await this.#staffName(row.staff ?? undefined));
    await reportChange(this.#tx, this.#rules, ticket, change);
    this.changed.push([ticket, change]);
  }
}
