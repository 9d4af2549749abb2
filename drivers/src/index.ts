export * from "./line/index.ts";
export { type LoopbackConfig, type LoopbackLeg, type LoopbackTrunk, loopback, openLoopback } from "./line/loopback/index.ts";
export * from "./sip/index.ts";
