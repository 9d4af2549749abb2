export { SherpaRecogniser } from "./sherpa-recogniser.ts";
export { SherpaVoice } from "./sherpa-voice.ts";
export { SileroDetector } from "./silero.ts";
