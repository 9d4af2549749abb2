export type { Modem, ModemIdentity, ModemProfile } from "./modem.ts";
