export { SeededRandom } from "./random.ts";
export { forSeeds } from "./seeds.ts";
export { silentRtpPorts } from "./silent-rtp.ts";
export { FAIR, type Fate, VirtualNetwork, type VirtualNetworkOptions, type Weather, weatherOf } from "./virtual-network.ts";
