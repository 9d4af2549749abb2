import type { BoxPush, Staff, Ticket } from "@sitebox/core/contract";
import { stateAfter, upsert } from "../kit/index.ts";
import type { WaitingCommand } from "./outbox.ts";

/** What a repairman's page knows: his own tickets and himself. */
export interface FieldState {
  readonly tickets: readonly Ticket[];
  readonly me: Staff | undefined;
}

export const emptyFieldState: FieldState = { tickets: [], me: undefined };

/** What is known after a push. A ticket that went to somebody else leaves the page. */
export function applyFieldPush(state: FieldState, push: BoxPush, staffId: string | undefined): FieldState {
  if (push.type === "staff" && push.staff.id === staffId) return { ...state, me: push.staff };
  if (push.type !== "ticket") return state;
  const { ticket } = push;
  if (ticket.staff !== staffId) return { ...state, tickets: state.tickets.filter(({ id }) => id !== ticket.id) };
  return {
    ...state,
    tickets: upsert(
      state.tickets,
      ticket,
      ({ id }) => id,
      (now, old) => now.rev >= old.rev,
    ),
  };
}

/** Whether a push brings this repairman a job that he has not seen. */
export const isNewJob = (state: FieldState, push: BoxPush, staffId: string | undefined): boolean =>
  push.type === "ticket" &&
  push.ticket.state === "assigned" &&
  push.ticket.staff === staffId &&
  !state.tickets.some(({ id, state: known }) => id === push.ticket.id && known === "assigned");

export interface Job {
  readonly ticket: Ticket;
  /** Commands for it that the box has not answered yet. */
  readonly waiting: number;
}

/** The tickets as the repairman left them: with the commands that still wait for the box already done. Declined ones are gone. */
export function project(tickets: readonly Ticket[], waiting: readonly WaitingCommand[]): Job[] {
  const jobs: Job[] = [];
  for (const ticket of tickets) {
    const own = waiting.filter(({ ticketId }) => ticketId === ticket.id);
    const state = own.reduce((before, { command }) => stateAfter(before, command.action), ticket.state);
    if (state !== "open") jobs.push({ ticket: { ...ticket, state }, waiting: own.length });
  }
  return jobs;
}
