export { kindOf } from "./call-state.ts";
export { Conversation, type ConversationDeps, type Ended } from "./conversation.ts";
