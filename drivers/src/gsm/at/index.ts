export { type AtChannel, AtError, type AtOptions, nameOf } from "./at-channel.ts";
export { type AtChannelDeps, type AtTimes, openAtChannel, usualAtTimes } from "./open-at-channel.ts";
export { type AtToken, AtTokenizer, LONGEST_LINE } from "./tokenizer.ts";
export { withoutPins } from "./without-pins.ts";
