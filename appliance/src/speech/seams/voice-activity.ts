import type { EngineState } from "../speech.ts";

/** Voice is decided for windows of 32 ms of 16 kHz sound: what Silero VAD was trained on. */
export const WINDOW_SAMPLES = 512;
export const WINDOW_MS = 32;

/** Tells voice from anything else in one stream of sound. */
export interface VoiceStream {
  /** Exactly one window. */
  feed(window: Int16Array): void;
  close(): void;
}

export interface VoiceDetector extends AsyncDisposable {
  readonly state: EngineState;
  settled(signal: AbortSignal): Promise<EngineState>;
  /** `decided` is told of every window, in order. `undefined` while the detector is not there. */
  open(decided: (voiced: boolean) => void, lost: () => void): VoiceStream | undefined;
}
