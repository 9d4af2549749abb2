export { type Attendant, type Home, Party, type PartyKind, type PartyOptions } from "./party.ts";
export type { SoundEvent } from "./sound-watch.ts";
export { type Link, Wiring, type WiringPlan } from "./wiring.ts";
