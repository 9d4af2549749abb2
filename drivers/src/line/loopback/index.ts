export type { LoopbackLeg } from "./leg-pair.ts";
export { LoopbackConfig, type LoopbackTrunk, loopback, openLoopback } from "./loopback.ts";
