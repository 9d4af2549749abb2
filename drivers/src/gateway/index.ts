export { type GatewayDeps, openGatewayLine } from "./gateway.ts";
export { type ConnectRecording, forgetfulMemory, type GatewayMemory } from "./management.ts";
