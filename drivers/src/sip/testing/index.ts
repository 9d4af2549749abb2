export { plainRtpPorts } from "./plain-rtp.ts";
