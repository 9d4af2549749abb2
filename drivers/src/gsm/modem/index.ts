export { type BringUpConfig, type BringUpDeps, type BroughtUp, bringUpModem, otherSim } from "./bring-up.ts";
export { askCard, askDevice, askIccid, askOwnNumber } from "./identity.ts";
export type { Modem, ModemIdentity, ModemProfile } from "./modem.ts";
export { ModemFault } from "./modem-fault.ts";
export { modemProfiles, profileFor } from "./profiles.ts";
export {
  askRadio,
  askRegistration,
  optional,
  parseOperator,
  parseRegistration,
  parseSignal,
  type Registration,
  signalOf,
} from "./radio.ts";
export { simState } from "./sim.ts";
