export { type Kamailio, type KamailioOptions, kamailio } from "./kamailio.ts";
export { type Baresip, baresip, freePort, type Running, sipp } from "./peers.ts";
export { PlainRtpPort, plainRtpPorts } from "./plain-rtp.ts";
export { SDP_HEADER, type Sending, sdp, WirePeer } from "./wire-peer.ts";
