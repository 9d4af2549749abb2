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
