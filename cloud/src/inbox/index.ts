export { Applier } from "./applier.ts";
export type { Applied } from "./apply.ts";
export { Inbox, type InboxDeps } from "./inbox.ts";
export { type Received, receive, type Span } from "./machine.ts";
