export type { Channel, Notice } from "./channel.ts";
export { fieldChannel } from "./field-channel.ts";
export { Notifier, type NotifierDeps } from "./notifier.ts";
