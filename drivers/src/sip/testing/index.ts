export {
  type CertificateFiles,
  type CertificateWishes,
  certificateFiles,
  type TestAuthority,
  type TestIdentity,
  testAuthority,
} from "./certificates.ts";
export { type Kamailio, type KamailioOptions, kamailio } from "./kamailio.ts";
export { type NameServer, nameServer, type Service, type Zone } from "./name-server.ts";
export { type Baresip, baresip, type Running, sipp } from "./peers.ts";
export { PlainRtpPort, plainRtpPorts } from "./plain-rtp.ts";
export { SDP_HEADER, type Sending, sdp, WirePeer } from "./wire-peer.ts";
