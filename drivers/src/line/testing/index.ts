export { describeLine, type LineClaims, type LineRig, type LineRigDeps } from "./describe-line.ts";
export { describeRtpPorts, type RtpClaims, type RtpRig } from "./describe-rtp-ports.ts";
export { describeTexts, type FarText, LONG_CHINESE, type TextClaims, type TextRig } from "./describe-texts.ts";
export { describeTrunk, type TrunkRig } from "./describe-trunk.ts";
export { alawFrame, decodeAlaw, encodeAlaw, pcmFrame } from "./g711.ts";
export { digitOfEvent, formatEvent, formatRtp, parseRtp, type RtpPacket } from "./rtp-packets.ts";
export { hearTone, playTone, toneFrames, toneShare } from "./tones.ts";
export { until } from "./until.ts";
