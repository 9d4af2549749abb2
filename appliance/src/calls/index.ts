export type { HandOffOutcome, Script } from "./assistant.ts";
export { BrowserLines, type BrowserLinesDeps } from "./browser-lines.ts";
export { BrowserRecord } from "./browser-record.ts";
export { type CallEvents, CallStore } from "./call-store.ts";
export { type Alert, type Alerted, type Announcement, Calls, type CallsDeps, type Placing } from "./calls.ts";
export { CallExport } from "./export/index.ts";
export { type BrowserAgent, HandOffs } from "./hand-off.ts";
export { type LineState, LineStates } from "./line-states.ts";
