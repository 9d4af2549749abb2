import type { Account, BoxHealth, BoxPush, CallWhy, OutsideLine, StaffId, TextMessage, Ticket } from "@sitebox/core/contract";
import { mask } from "@sitebox/core/kernel";
import { withoutNumbers } from "../calls/trace/index.ts";
import { isService } from "../texts/index.ts";
import type { Actor } from "../tickets/index.ts";

/** Who acts, as work orders know them. */
export const actorOf = ({ displayName, name, role, staff }: Account): Actor => ({ name: displayName || name, role, staff });

export const worksAtDesk = ({ role }: Pick<Account, "role">): boolean => role === "admin" || role === "agent";

/** Whether somebody may see a work order: the desk all, staff theirs and what nobody has. */
export const maySee = (account: Account, ticket: Pick<Ticket, "state" | "staff">): boolean =>
  worksAtDesk(account) || (account.staff !== undefined && (ticket.staff === account.staff || ticket.state === "open"));

/** A work order in a list, as that person may see it: staff read their callers' numbers masked, others' not at all, and nobody's own words. */
export function ticketFor<T extends Ticket>(account: Account, ticket: T): T {
  if (worksAtDesk(account)) return ticket;
  const { callerNumber, said: _, ...rest } = ticket;
  const shown = callerNumber !== undefined && ticket.staff === account.staff;
  return { ...rest, ...(shown && { callerNumber: mask(callerNumber) }) } as T;
}

/** One work order opened by itself: whoever has it may call back. */
export function ticketDetailFor<T extends Ticket>(account: Account, ticket: T): T {
  return ticket.staff !== undefined && ticket.staff === account.staff ? ticket : ticketFor(account, ticket);
}

/** What those who are not logged in learn of the box's health: that something is wrong, not what. */
export const publicHealth = ({ alarms: _, ...health }: BoxHealth): BoxHealth => ({
  ...health,
  parts: health.parts.map(({ name, state }) => ({ name, state })),
});

/** Why a call went as it did: whoever does not administer the box reads signalling with its numbers masked. */
export const whyFor = ({ role }: Pick<Account, "role">, why: CallWhy): CallWhy =>
  role === "admin" ? why : { ...why, wire: why.wire.map((message) => ({ ...message, text: withoutNumbers(message.text) })) };

/** A line to the outside: whoever does not set it up reads its numbers masked, and not what the far end said or which device and SIM it is. */
export function lineFor({ role }: Pick<Account, "role">, line: OutsideLine): OutsideLine {
  if (role === "admin") return line;
  const { reason: _, device, ports, selfCalls, ...rest } = line;
  return {
    ...rest,
    numbers: line.numbers.map(mask),
    ...(device?.model !== undefined && { device: { model: device.model } }),
    ...(selfCalls && { selfCalls: selfCalls.map(({ reason: __, number, ...call }) => ({ ...call, number: mask(number) })) }),
    ...(ports && {
      ports: ports.map(({ reason: __, ...port }) => ({
        ...port,
        ...(port.number !== undefined && { number: mask(port.number) }),
      })),
    }),
  };
}

/** A text: whoever does not administer the box reads who wrote it masked, and nothing of codes, banks and operators. */
export function textFor({ role }: Pick<Account, "role">, text: TextMessage): TextMessage | undefined {
  if (role === "admin") return text;
  if (text.direction === "in" && isService(text.number, text.text)) return undefined;
  return { ...text, number: mask(text.number) };
}

/** A push as that person may see it; undefined where it is not theirs. Work orders are told by {@link TicketAudience}. */
export function pushFor(account: Account, push: BoxPush): BoxPush | undefined {
  if (worksAtDesk(account)) return deskPushFor(account, push);
  if (push.type === "staff") return push;
  if (push.type === "ticket" && maySee(account, push.ticket)) return { type: "ticket", ticket: ticketFor(account, push.ticket) };
  return undefined;
}

function deskPushFor(account: Account, push: BoxPush): BoxPush | undefined {
  if (push.type === "line") return { type: "line", line: lineFor(account, push.line) };
  if (push.type === "text") {
    const text = textFor(account, push.text);
    return text && { type: "text", text };
  }
  return push.type === "found-devices" && account.role !== "admin" ? undefined : push;
}

/**
 * Which of the staff are told of a work order's change: who may see it now, and who could until now, so that it leaves their page.
 * A work order that is open between two changes of one transaction is on nobody's page.
 */
export class TicketAudience {
  readonly #shownTo = new Map<string, StaffId | "everybody">();

  constructor(active: readonly Ticket[]) {
    for (const ticket of active) this.#shownTo.set(ticket.id, ticket.staff ?? "everybody");
  }

  tell(ticket: Ticket, inPassing: boolean): (staff: StaffId) => boolean {
    if (inPassing) return () => false;
    const before = this.#shownTo.get(ticket.id);
    const now = ticket.staff ?? (ticket.state === "open" ? "everybody" : undefined);
    if (ticket.state === "done" || ticket.state === "cancelled" || now === undefined) this.#shownTo.delete(ticket.id);
    else this.#shownTo.set(ticket.id, now);
    return (staff) => [before, now].some((shown) => shown === "everybody" || shown === staff);
  }
}
