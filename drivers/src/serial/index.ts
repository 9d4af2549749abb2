export { openSerial, SerialError, type SerialOptions } from "./serial.ts";
