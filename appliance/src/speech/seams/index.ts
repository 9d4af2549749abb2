export { type EngineState, type Grammar, SpeechError, type SpeechFault } from "../speech.ts";
export { type ModelFile, verifyModel } from "./models.ts";
export { ACCEPTED, type CallerMemory, type Recognition, type RecognitionEngine, type Utterance } from "./recognition.ts";
export type { Language, VoiceEngine } from "./voice.ts";
export { type VoiceDetector, type VoiceStream, WINDOW_MS, WINDOW_SAMPLES } from "./voice-activity.ts";
