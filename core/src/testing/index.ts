export { freePort } from "./free-port.ts";
export { VirtualClock } from "./virtual-clock.ts";
