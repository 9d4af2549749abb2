export { Conversation, type ConversationDeps, type Ended, kindOf } from "./conversation.ts";
