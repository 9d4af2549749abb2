import { type Alarm, type AlarmChange, alarmOf, type Ticket, type TicketId } from "@sitebox/core/contract";
import { backoffMs, type Clock, type Log } from "@sitebox/core/kernel";
import type { Tickets } from "../tickets/index.ts";

export interface EmergenciesDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly tickets: Pick<Tickets, "events" | "list" | "command">;
  raise(alarm: AlarmChange): void;
  /** Rings those who are rung when a person is wanted. Resolves with who has heard it; undefined where nobody did. */
  ring(ticket: Ticket, signal: AbortSignal): Promise<string | undefined>;
  /** What is written into the ticket's history about a ringing. */
  note(toldTo: string | undefined): string;
}

/** More work orders than this are not looked through at a start; the most urgent come first. */
const MOST = 1_000;
const PREFIX = "emergency/";
const BACKOFF = { firstMs: 30_000, maxMs: 300_000 };
/** An emergency by telephone hands its caller to the same people, and one that the desk wrote down is known there. */
const RUNG: readonly Ticket["channel"][] = ["sms", "web-chat", "api"];
const BOX = { name: "assistant", role: "admin" } as const;

/** Nobody has said yet that he sees to it: dispatch may have chosen somebody who is asleep. */
const waits = ({ priority, state }: Ticket): boolean => priority === "P0" && (state === "open" || state === "assigned");

/**
 * Work orders of the first rank. Each is an alarm from the moment it is on disk until somebody accepts or closes it, and nothing else ends it.
 * For one that came in writing, where nobody is on the telephone to be handed over, people are rung until one of them has heard it.
 */
export class Emergencies implements AsyncDisposable {
  readonly #deps: EmergenciesDeps;
  readonly #ringing = new Map<TicketId, { readonly over: AbortController; readonly job: Promise<void> }>();
  readonly #onTicket = (ticket: Ticket) => this.#take(ticket);

  constructor(deps: EmergenciesDeps) {
    this.#deps = { ...deps, log: deps.log.child("emergencies") };
  }

  /** Takes over the alarms of before a restart, and what was reported while nobody listened here. */
  async start(active: readonly Alarm[]): Promise<void> {
    const { tickets, raise } = this.#deps;
    tickets.events.on("ticketChanged", this.#onTicket);
    const waiting = (await tickets.list({ active: true, limit: MOST })).filter(waits);
    for (const ticket of waiting) this.#take(ticket);
    const known = new Set(waiting.map(({ id }) => PREFIX + id));
    for (const { code } of active) if (code.startsWith(PREFIX) && !known.has(code)) raise(ended(code));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#deps.tickets.events.off("ticketChanged", this.#onTicket);
    const jobs = [...this.#ringing.values()];
    for (const { over } of jobs) over.abort();
    await Promise.all(jobs.map(({ job }) => job));
  }

  #take(ticket: Ticket): void {
    if (ticket.priority !== "P0") return;
    const { id, number, place, channel } = ticket;
    if (!waits(ticket)) {
      this.#deps.raise(ended(PREFIX + id));
      this.#ringing.get(id)?.over.abort();
      return;
    }
    const told =
      place === undefined ? alarmOf("emergency", { ticket: number }) : alarmOf("emergency-at", { place, ticket: number });
    this.#deps.raise({ code: PREFIX + id, severity: "critical", ...told, active: true });
    if (!RUNG.includes(channel) || this.#ringing.has(id)) return;
    const over = new AbortController();
    this.#ringing.set(id, { over, job: this.#ring(ticket, over.signal) });
  }

  /** Rings again and again until somebody has heard it or taken the ticket. */
  async #ring(ticket: Ticket, signal: AbortSignal): Promise<void> {
    const { clock, log, ring } = this.#deps;
    for (let times = 0; !signal.aborted; times++) {
      const toldTo = await ring(ticket, signal).catch((err: unknown) => {
        log.error("nobody could be rung for an emergency, it is tried again", { ticket: ticket.id, err });
        return undefined;
      });
      if (signal.aborted && toldTo === undefined) return;
      if (toldTo !== undefined || times === 0) await this.#note(ticket, toldTo, times);
      if (toldTo !== undefined) return;
      log.warn("nobody answered who was rung for an emergency", { ticket: ticket.id, times: times + 1 });
      await clock.sleep(backoffMs(times, BACKOFF), signal).catch(() => {});
    }
  }

  async #note({ id }: Ticket, toldTo: string | undefined, times: number): Promise<void> {
    const { tickets, note, log } = this.#deps;
    const comment = { action: "comment", commandId: `alerted-${times}`, note: note(toldTo) } as const;
    await tickets
      .command(id, comment, BOX)
      .catch((err: unknown) => log.error("a ringing could not be noted", { ticket: id, err }));
  }
}

const ended = (code: string): AlarmChange => ({
  code,
  severity: "critical",
  text: "somebody has taken the emergency",
  active: false,
});
