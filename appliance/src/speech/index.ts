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
