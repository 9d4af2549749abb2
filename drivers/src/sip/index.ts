export { openSipEndpoint, SipConfig, type SipConfigInput, type SipDeps, type SipEndpoint } from "./agent/index.ts";
export type { Ban, BanKind } from "./guard/index.ts";
export type { IncomingMessage } from "./messages/index.ts";
export type { Registration } from "./registrar/index.ts";
export type { Presence } from "./subscriptions/index.ts";
