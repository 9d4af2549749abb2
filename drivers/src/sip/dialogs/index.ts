export { AcceptanceRunner } from "./acceptance-runner.ts";
export {
  ackIn,
  confirmed,
  contactOf,
  type Dialog,
  dialogKey,
  dialogKeyOf,
  dialogOfRequest,
  dialogOfResponse,
  nextHop,
  type RequestParts,
  refreshed,
  requestIn,
  taken,
} from "./dialog.ts";
export { headerIn, parseReplaces, type Replaced, replacedBy } from "./replaces.ts";
export {
  agreed,
  answered,
  asked,
  isTooBrief,
  minimum,
  type SessionTimer,
  supports,
  type TimerWishes,
  wantedAtLeast,
} from "./session-timer.ts";
