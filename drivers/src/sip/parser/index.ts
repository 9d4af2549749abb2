export {
  type Credentials,
  type CSeq,
  formatCredentials,
  formatNameAddr,
  formatVia,
  type NameAddr,
  parseCredentials,
  parseCSeq,
  parseNameAddr,
  parseVia,
  tagOf,
  type Via,
  withParam,
} from "./fields.ts";
export { type Frame, StreamFramer } from "./framer.ts";
export {
  bodyOf,
  type Header,
  headerOf,
  listOf,
  type Malformed,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from "./message.ts";
export { noParams, type Params, parseParams } from "./params.ts";
export { MAX_MESSAGE_BYTES, parseMessage } from "./parse.ts";
export { reasonOf } from "./reasons.ts";
export { noBody, type ResponseOptions, refusalOf, responseTo, serialize } from "./serialize.ts";
export {
  escapeUser,
  formatHostPort,
  formatUri,
  type OtherUri,
  parseUri,
  type SipUri,
  sipUri,
  type Uri,
  userOf,
} from "./uri.ts";
