export type { OutboxGauges } from "./gauges.ts";
export {
  type Books,
  choose,
  noCredits,
  offline,
  type Sender,
  type SenderEffect,
  type SenderEvent,
  step as stepSender,
} from "./machine.ts";
export { appendOutbox, type OutboxEntry } from "./outbox.ts";
export { openUplink, type Uplink, type UplinkDeps, type UplinkEvents, type UplinkTuning } from "./uplink.ts";
