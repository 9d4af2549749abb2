import type { Ticket, TicketChange } from "@sitebox/core/contract";
import type { Log } from "@sitebox/core/kernel";
import type { Tickets } from "../tickets/index.ts";
import type { Channel } from "./channel.ts";

export interface NotifierDeps {
  readonly log: Log;
  readonly tickets: Pick<Tickets, "events" | "listStaff">;
  /** Tried in this order until one reaches the person. */
  readonly channels: readonly Channel[];
}

/** Tells the staff of work orders that were given to them. Whom no channel reaches stays visible at the desk: the work order is not accepted. */
export class Notifier implements AsyncDisposable {
  readonly #deps: NotifierDeps;
  readonly #sending = new Set<Promise<void>>();
  readonly #onChange = (ticket: Ticket, { type }: TicketChange) => {
    if (type !== "assigned") return;
    const sending: Promise<void> = this.#notify(ticket)
      .catch((err: unknown) => this.#deps.log.error("the staff could not be told of a work order", { ticket: ticket.id, err }))
      .finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  };

  constructor(deps: NotifierDeps) {
    this.#deps = { ...deps, log: deps.log.child("channels") };
  }

  start(): void {
    this.#deps.tickets.events.on("ticketChanged", this.#onChange);
  }

  /** Resolves when all that was to be told has been tried. */
  async settled(): Promise<void> {
    await Promise.all(this.#sending);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#deps.tickets.events.off("ticketChanged", this.#onChange);
    await this.settled();
  }

  async #notify(ticket: Ticket): Promise<void> {
    const { log, tickets, channels } = this.#deps;
    const staff = (await tickets.listStaff()).find(({ id }) => id === ticket.staff);
    if (!staff) return;
    for (const channel of channels) {
      const outcome = await channel.send({ staff, ticket }).catch((err: unknown) => {
        log.warn("a channel failed", { channel: channel.name, ticket: ticket.id, err });
        return "unreachable" as const;
      });
      if (outcome === "delivered") {
        log.info("staff told of a work order", { channel: channel.name, ticket: ticket.id, staff: staff.id });
        return;
      }
    }
    log.warn("no channel reached the staff", { ticket: ticket.id, staff: staff.id });
  }
}
