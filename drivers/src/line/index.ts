export { interruptible } from "./interruptible.ts";
export {
  type ByteStream,
  type IncomingText,
  type Line,
  type LineDeps,
  LineError,
  type TextOutcome,
  type TextPort,
  type TextReport,
  type Traffic,
} from "./line.ts";
export { outcomeOf } from "./outcome.ts";
export { isSameSim, OwnSim, type OwnSimDeps, type SimMemory } from "./own-sim.ts";
export { PacedAudio } from "./paced-audio.ts";
export { bytesOf, FRAME_BYTES, Framer, putSamples, samplesOf } from "./pcm.ts";
export type { AudioCodec, RtpPort, RtpPorts, RtpRemote, SrtpKey } from "./rtp.ts";
export { checkServiceCode } from "./service-code.ts";
export { StateHolder } from "./state-holder.ts";
export {
  type AudioCounts,
  type AudioPort,
  type Balance,
  type DialOptions,
  type DialOutcome,
  type DialProgress,
  type Digit,
  type DriverDeps,
  FRAME_SAMPLES,
  type HangupCause,
  type Leg,
  type LegFacts,
  type LegRequest,
  type LegSituation,
  type LineFault,
  type LinePort,
  type LineState,
  type LineWarning,
  type Radio,
  type TransferProgress,
  type TransferRequest,
  type Trunk,
} from "./trunk.ts";
export type { WireMessage } from "./wire.ts";
