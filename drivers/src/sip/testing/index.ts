export { type Baresip, baresip, freePort, type Running, sipp } from "./peers.ts";
export { PlainRtpPort, plainRtpPorts } from "./plain-rtp.ts";
