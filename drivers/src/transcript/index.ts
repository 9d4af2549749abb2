export { type Departure, Replay, type ReplayResult } from "./replay.ts";
export { HIDDEN, type Shown, traced } from "./traced.ts";
export {
  parseTranscript,
  type TimedTraffic,
  type Transcript,
  TranscriptEntry,
  TranscriptError,
  TranscriptHead,
  TranscriptWriter,
} from "./transcript.ts";
