export type { LoopbackLeg } from "./leg-pair.ts";
export { type LoopbackConfig, type LoopbackTrunk, openLoopback } from "./loopback.ts";
