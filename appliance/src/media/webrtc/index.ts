export {
  type BrowserLegs,
  type BrowserSession,
  type ConsumerOffer,
  type DtlsParameters,
  type RtpCapabilities,
  type RtpParameters,
  type SessionEnd,
  type TransportOffer,
  WebRtcError,
} from "./browser-legs.ts";
export { openWebRtc, type WebRtcOptions } from "./open-web-rtc.ts";
