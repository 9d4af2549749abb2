export { inRange, zoneOf } from "./job.ts";
export type { Actor } from "./machine.ts";
export { TicketError } from "./ticket-error.ts";
export { openTickets, type TicketEvents, type TicketFilter, Tickets, type TicketsDeps } from "./tickets.ts";
