export { AtError } from "./at/index.ts";
export { type GsmDeps, openGsmLine } from "./gsm.ts";
export { ModemFault, modemProfiles } from "./modem/index.ts";
export { type ProbeDeps, type ProbedModem, probeModem } from "./probe.ts";
export type { AwaitedText, ReportMemory } from "./texts/index.ts";
export { type GsmTimes, usualGsmTimes } from "./times.ts";
