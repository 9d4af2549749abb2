export { type Box, type BoxParts, type BoxReady, openBox } from "./box.ts";
