export { isService } from "./senders.ts";
export type { TextLines } from "./text-queue.ts";
export { openTexts, Texts, type TextsDeps, type TextsEvents } from "./texts.ts";
