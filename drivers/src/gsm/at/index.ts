export { type AtChannel, AtError, type AtOptions } from "./at-channel.ts";
export { isForbidden } from "./forbidden.ts";
export { type AtChannelDeps, type AtTimes, openAtChannel, usualAtTimes } from "./open-at-channel.ts";
export { type AtToken, AtTokenizer, LONGEST_LINE } from "./tokenizer.ts";
export { withoutPins } from "./without-pins.ts";
