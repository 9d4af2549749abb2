export { type BoxSpeech, openSpeech, type SpeechOptions } from "./open-speech.ts";
export { phraseGrammar } from "./phrase-grammar.ts";
export { ACCEPTED } from "./seams/index.ts";
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
