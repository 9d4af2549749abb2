export { staticNumber } from "./audio-line.ts";
export { KEY_BYTES } from "./crypto.ts";
export { formatSdp, parseSdp, type SessionDescription } from "./description.ts";
export type { Direction } from "./direction.ts";
export type { LocalAudio, SrtpPolicy } from "./local-audio.ts";
export type { Agreement } from "./negotiated.ts";
export {
  type Accepted,
  type Answered,
  type Glare,
  type Ignored,
  makeAnswer,
  makeOffer,
  type OfferAnswer,
  type Offered,
  type Refused,
  rollback,
  startOfferAnswer,
  type Taken,
  takeAnswer,
  takeOffer,
} from "./offer-answer.ts";
