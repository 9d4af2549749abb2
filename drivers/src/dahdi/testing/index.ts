export { FxoChannel, FxsChannel } from "./card-channels.ts";
export { describeHelper, type HelperRig } from "./describe-helper.ts";
export { ExchangeLine, type LineTraits, SimulatedExchange } from "./exchange.ts";
export { type CardTraits, SimulatedCard } from "./simulated-card.ts";
export { nextCall, OUTSIDE, openSite, type Site, type SiteOptions } from "./site.ts";
export type { Socket, Terminal } from "./socket.ts";
export { type ToneName, toneFrame } from "./sounds.ts";
export { SimulatedTelephone } from "./telephone.ts";
