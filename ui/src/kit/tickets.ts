import type { Priority, Ticket, TicketCommand, TicketState } from "@sitebox/core/contract";

export type TicketBucket = "all" | "waiting" | "working" | "finished";
export const TICKET_BUCKETS: readonly TicketBucket[] = ["all", "waiting", "working", "finished"];

/** Which of the list's filters a state belongs to. */
export function bucketOf(state: TicketState): Exclude<TicketBucket, "all"> {
  switch (state) {
    case "open":
      return "waiting";
    case "assigned":
    case "accepted":
    case "in-progress":
      return "working";
    case "done":
    case "cancelled":
      return "finished";
  }
}

export const isFinished = (ticket: Pick<Ticket, "state">): boolean => bucketOf(ticket.state) === "finished";

/** A message or a call back is the desk's own work: that nobody was sent out for it is no failure. */
export const waitsForDesk = ({ state, kind, priority }: Ticket): boolean =>
  state === "open" && priority !== "P0" && (kind === "message" || kind === "callback");

/** Dispatch assigns within the transaction that opens a ticket, so one that is still open has nobody: a person must look. */
export const UNASSIGNED_AFTER_MS = 5_000;
export const isUnassignable = (ticket: Ticket, nowAt: number): boolean =>
  ticket.state === "open" &&
  ticket.staff === undefined &&
  !waitsForDesk(ticket) &&
  nowAt - ticket.updatedAt >= UNASSIGNED_AFTER_MS;

export interface TicketFilter {
  readonly bucket: TicketBucket;
  /** Words that all have to be found in number, place, item, summary, staff or caller. */
  readonly text: string;
}

export function filterTickets<T extends Ticket>(tickets: readonly T[], filter: TicketFilter): T[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return tickets.filter((ticket) => {
    if (filter.bucket !== "all" && bucketOf(ticket.state) !== filter.bucket) return false;
    const text = searchable(ticket);
    return words.every((word) => text.includes(word));
  });
}

const searchable = (ticket: Ticket): string =>
  [ticket.number, ticket.place, ticket.item, ticket.fault, ticket.summary, ticket.staffName, ticket.callerNumber]
    .filter((part) => part !== undefined)
    .join(" ")
    .toLowerCase();

export function countBuckets(tickets: readonly Ticket[]): Record<TicketBucket, number> {
  const counts: Record<TicketBucket, number> = { all: tickets.length, waiting: 0, working: 0, finished: 0 };
  for (const ticket of tickets) counts[bucketOf(ticket.state)]++;
  return counts;
}

const RANK: Record<Priority, number> = { P0: 0, P1: 1, P2: 2, P3: 3 };
const BUCKET_RANK = { waiting: 0, working: 1, finished: 2 };

/** What needs a person first: nobody's tickets, then work under way by priority and age, then the finished, newest first. */
export function compareForDesk(a: Ticket, b: Ticket): number {
  const byBucket = BUCKET_RANK[bucketOf(a.state)] - BUCKET_RANK[bucketOf(b.state)];
  if (byBucket !== 0) return byBucket;
  return isFinished(a) ? b.updatedAt - a.updatedAt : compareByUrgency(a, b);
}

/** Higher priority first, then the one that has waited longest. */
export const compareByUrgency = (a: Ticket, b: Ticket): number =>
  RANK[a.priority] - RANK[b.priority] || a.openedAt - b.openedAt || a.id.localeCompare(b.id);

export type NextAction = Extract<TicketCommand["action"], "accept" | "start" | "finish">;

/** The one thing a repairman can do next with his ticket; none when it is not his to move. */
export function nextAction(state: TicketState): NextAction | undefined {
  switch (state) {
    case "assigned":
      return "accept";
    case "accepted":
      return "start";
    case "in-progress":
      return "finish";
    case "open":
    case "done":
    case "cancelled":
      return undefined;
  }
}

/** The state a command leads to, as a repairman's page shows it before the box has answered. */
export function stateAfter(state: TicketState, action: TicketCommand["action"]): TicketState {
  switch (action) {
    case "accept":
      return state === "assigned" ? "accepted" : state;
    case "start":
      return state === "accepted" ? "in-progress" : state;
    case "finish":
      return state === "in-progress" ? "done" : state;
    case "decline":
      return state === "assigned" || state === "accepted" ? "open" : state;
    case "cancel":
      return state === "done" ? state : "cancelled";
    case "assign":
      return state === "done" || state === "cancelled" ? state : "assigned";
    case "comment":
      return state;
  }
}

/** What is wrong, in the largest type: item and fault, or the summary where they were not understood. */
export const headline = (ticket: Ticket): string =>
  ticket.item === undefined ? ticket.summary : [ticket.item, ticket.fault].filter((part) => part !== undefined).join(" ");
