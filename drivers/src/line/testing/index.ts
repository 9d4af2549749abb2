export { alawFrame, decodeAlaw, encodeAlaw, pcmFrame } from "./g711.ts";
export { digitOfEvent, formatEvent, formatRtp, parseRtp, type RtpPacket } from "./rtp-packets.ts";
export { hearTone, playTone, toneFrames, toneShare } from "./tones.ts";
