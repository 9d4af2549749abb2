export { type RingDeps, Ringing, type RingOptions, type Rung } from "./ringing.ts";
export { Ringings } from "./ringings.ts";
