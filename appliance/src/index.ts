export { type Box, type BoxParts, type BoxReady, openBox } from "./box.ts";
export { parseWav } from "./media/index.ts";
