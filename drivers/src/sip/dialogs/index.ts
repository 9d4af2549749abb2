export {
  ackIn,
  answeredBy,
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
export { type Rack, rackOf, rseqOf } from "./rack.ts";
export { RepetitionRunner } from "./repetition-runner.ts";
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
