export type { AudioCodec, RtpPort, RtpPorts, RtpRemote, SrtpKey } from "./rtp.ts";
export {
  type AudioPort,
  type DialOptions,
  type DialOutcome,
  type DialProgress,
  type Digit,
  type DriverDeps,
  type DriverModule,
  FRAME_SAMPLES,
  type HangupCause,
  type Leg,
  type LegFacts,
  type LegRequest,
  type LegSituation,
  type LineState,
  type TransferProgress,
  type TransferRequest,
  type Trunk,
} from "./trunk.ts";
export type { WireMessage } from "./wire.ts";
