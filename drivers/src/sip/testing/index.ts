export { PlainRtpPort, plainRtpPorts } from "./plain-rtp.ts";
