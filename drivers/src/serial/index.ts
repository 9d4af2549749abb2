export { openSerial, type SerialOptions } from "./serial.ts";
