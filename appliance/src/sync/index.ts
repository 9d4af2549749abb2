export { appendOutbox, type OutboxEntry } from "./outbox.ts";
