import type { Pcm8k } from "../../media/index.ts";
import type { EngineState } from "../speech.ts";

export type Language = "zh-CN" | "en";

/** An engine that speaks. */
export interface VoiceEngine extends AsyncDisposable {
  readonly state: EngineState;
  /** Part of the name of what is cached: changes when the same text would sound different. */
  readonly voice: string;
  /** Renders a text at the loudness of the line. @throws SpeechError `no-engine`, `engine-died`, `timeout` */
  render(text: string, language: Language, signal: AbortSignal): Promise<Pcm8k>;
}
