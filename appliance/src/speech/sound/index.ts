export { CallerLevel, Leveller, level } from "./level.ts";
export { normalizeLoudness, resample, Upsampler } from "./pcm.ts";
export { formatWav, parseWav, type Wav } from "./wav.ts";
