export { DinstarDevice, type DinstarOptions } from "./dinstar-device.ts";
export { type ComingText, FarNetwork, type Fate, type SentText, type SimulatedPort, simulatedPort } from "./far-network.ts";
export { GoipDevice, type GoipOptions, goipId } from "./goip-device.ts";
export type { HttpMischief } from "./http-mischief.ts";
export { type TcpMischief, YeastarDevice, type YeastarOptions } from "./yeastar-device.ts";
