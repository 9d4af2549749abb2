export {
  Mailbox,
  type MailboxCounts,
  type MailboxDeps,
  type MailboxEvents,
  type MailboxMessage,
  type NewMailboxMessage,
} from "./mailbox.ts";
