export { type GatewayDeps, gateway, openGatewayLine } from "./gateway.ts";
export { type ConnectRecording, forgetfulMemory, type GatewayMemory, HIDDEN } from "./management.ts";
