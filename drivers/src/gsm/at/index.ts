export { type AtChannel, AtError, type AtOptions } from "./at-channel.ts";
