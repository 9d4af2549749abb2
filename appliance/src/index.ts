export { type Box, type BoxParts, type BoxReady, openBox } from "./box.ts";
export { type BadNetwork, type HeardThrough, hearThrough, parseWav } from "./media/index.ts";
