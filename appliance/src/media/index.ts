export type {
  BridgeOptions,
  HeardFrame,
  Media,
  MediaEvent,
  MediaLeg,
  MediaStats,
  Pcm8k,
  Played,
  PlayOptions,
  Recorded,
  Recording,
} from "./media.ts";
export { MediaError } from "./media-error.ts";
export { type MediaOptions, openMedia } from "./open-media.ts";
export type { PortRange } from "./port-pool.ts";
export { chainFileOf } from "./recording-chain.ts";
export {
  beep,
  busyTone,
  callWaitingTone,
  congestionTone,
  dialTone,
  downsampler,
  formatWav,
  musicOnHold,
  parseWav,
  type Resampler,
  readWav,
  resample8to16,
  resample16to8,
  ringBackTone,
  specialInformationTone,
  upsampler,
  type Wav,
  WavError,
  writeWav,
} from "./sound/index.ts";
export { type RecordingVerdict, verifyRecording } from "./verify-recording.ts";
export {
  type BrowserLegs,
  type BrowserSession,
  type ConsumerOffer,
  type DtlsParameters,
  openWebRtc,
  type RtpCapabilities,
  type RtpParameters,
  type SessionEnd,
  type TransportOffer,
  WebRtcError,
  type WebRtcOptions,
} from "./webrtc/index.ts";
export { type BadNetwork, type HeardThrough, hearThrough } from "./worker/index.ts";
