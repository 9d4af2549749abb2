export { PHRASES, SAID } from "./phrases.ts";
export { FRAME_SAMPLES, frames, haveVoices, nativeProgram, report, spoken, spokenFile, strangers, testModels } from "./spoken.ts";
