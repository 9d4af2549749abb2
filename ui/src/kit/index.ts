export { browserClock } from "./browser-clock.ts";
export { callWord } from "./calls.ts";
export { busyNumbers, findExtensions, type Presence, presenceOf } from "./extensions.ts";
export { type AgeUnit, ageOf, bytes, callerWord, clockTime, dateTime, maskNumber, timer } from "./format.ts";
export { answerRate, freeName, identityOf, isUsable, minutesOf, portTotals, settingsOf, textParts, yuan } from "./lines.ts";
export { type MomentText, momentTag, momentText } from "./moments.ts";
export { newId } from "./new-id.ts";
export { barsPath, peaksOf } from "./peaks.ts";
export { linePath, type PlotPoint } from "./spark.ts";
export {
  bucketOf,
  compareByUrgency,
  compareForDesk,
  countBuckets,
  filterTickets,
  headline,
  isFinished,
  isUnassignable,
  type NextAction,
  nextAction,
  stateAfter,
  TICKET_BUCKETS,
  type TicketBucket,
  type TicketFilter,
  UNASSIGNED_AFTER_MS,
  waitsForDesk,
} from "./tickets.ts";
export { upsert } from "./upsert.ts";
export { lossPercent, mosGrade, preciseTime, type WhyFilter, type WhyLine, whyLines } from "./why.ts";
