export { type Assembled, assemble, type Carried } from "./assemble.ts";
export { type Content, splitText, textOf } from "./content.ts";
export type { Concatenation } from "./header.ts";
export {
  type Deliver,
  decodeIncoming,
  decodeSubmit,
  type EncodedPdu,
  encodeDeliver,
  encodeStatusReport,
  encodeSubmit,
  type StatusReport,
  type Submit,
} from "./messages.ts";
export { PduError } from "./pdu-error.ts";
export { packText, unpackText } from "./ussd-text.ts";
