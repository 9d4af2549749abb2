export { type ModemCalls, type ModemCallsDeps, openModemCalls } from "./modem-calls.ts";
