export { FxoPort } from "./fxo-port.ts";
export { FxsPort } from "./fxs-port.ts";
export type { Port, PortDeps } from "./port.ts";
