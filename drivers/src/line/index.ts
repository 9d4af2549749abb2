export type { RtpPort, RtpPorts, RtpRemote } from "./rtp.ts";
export {
  type AudioPort,
  type DialOutcome,
  type Digit,
  type DriverDeps,
  type DriverModule,
  FRAME_SAMPLES,
  type HangupCause,
  type Leg,
  type Trunk,
} from "./trunk.ts";
