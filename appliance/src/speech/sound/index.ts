export { CallerLevel, Leveller, level } from "./level.ts";
export { normalizeLoudness, resample } from "./pcm.ts";
