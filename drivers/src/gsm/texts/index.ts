export { AwaitedReports, type AwaitedText, type ReportMemory } from "./awaited-reports.ts";
export { type ModemTexts, type ModemTextsDeps, openModemTexts } from "./modem-texts.ts";
export { MOST_PARTS } from "./outbox.ts";
export { undeliveredReason } from "./refusals.ts";
