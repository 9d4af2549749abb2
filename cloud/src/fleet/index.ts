export { healthOf } from "./box-view.ts";
export { Fleet, type FleetDeps } from "./fleet.ts";
export { type Birth, type Presence, type PresenceEvent, step } from "./presence.ts";
