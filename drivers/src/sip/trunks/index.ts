export { Credentials } from "./credentials.ts";
export type { Identity } from "./identity.ts";
export type { LinePlace, RingInTurn } from "./line.ts";
export { type LineCall, Lines, type LinesDeps } from "./lines.ts";
export type { Signalling } from "./signalling.ts";
export { addressList } from "./sources.ts";
