export { type GatewayDeps, gateway, openGatewayLine } from "./gateway.ts";
export { forgetfulMemory, type GatewayMemory } from "./management.ts";
