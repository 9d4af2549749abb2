export { type BoxSpeech, openSpeech, type SpeechOptions } from "./open-speech.ts";
export { ACCEPTED } from "./seams/index.ts";
export { formatWav, parseWav, type Wav } from "./sound/index.ts";
export {
  type EngineState,
  type Grammar,
  type Heard,
  type Recognizer,
  type Speech,
  SpeechError,
  type SpeechFault,
  type Synthesizer,
  type TurnProfile,
} from "./speech.ts";
