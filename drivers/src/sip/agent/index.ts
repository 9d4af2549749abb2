export { SipConfig, type SipConfigInput } from "@sitebox/core/contract";
export { openSipEndpoint, type SipDeps, type SipEndpoint } from "./endpoint.ts";
