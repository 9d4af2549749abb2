export { SipConfig, type SipConfigInput } from "./config.ts";
export { openSipEndpoint, type SipDeps, type SipEndpoint, sip } from "./endpoint.ts";
