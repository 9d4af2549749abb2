export { type IncomingMessage, Messages, type MessagesDeps } from "./messages.ts";
