import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Clock } from "@sitebox/core/kernel";
import { type HeardFrame, writeWav } from "../media/index.ts";

/** A message ends after this much silence. */
const SILENCE_MS = 4_000;
const FRAME_MS = 20;
/** Mean amplitude of a 20 ms frame above which somebody is taken to speak (about −40 dBFS). */
const VOICE_LEVEL = 330;

export interface VoiceMessage {
  /** Relative to the data folder. */
  readonly file: string;
  readonly durationMs: number;
}

const level = (samples: Int16Array) => samples.reduce((sum, sample) => sum + Math.abs(sample), 0) / samples.length;

/** Records what the caller says until a key, the end of the call (both abort `signal`), a long silence or `maxMs`. */
export async function recordMessage(
  listen: (signal: AbortSignal) => AsyncIterable<HeardFrame>,
  options: {
    readonly dataDir: string;
    readonly name: string;
    readonly maxMs: number;
    readonly signal: AbortSignal;
    readonly clock: Clock;
  },
): Promise<VoiceMessage> {
  const stop = new AbortController();
  using _deadline = options.clock.after(options.maxMs, () => stop.abort());
  const frames: Int16Array[] = [];
  let silentMs = 0;
  let spokenMs = 0;
  for await (const { samples } of listen(AbortSignal.any([options.signal, stop.signal]))) {
    frames.push(samples);
    if (level(samples) > VOICE_LEVEL) {
      silentMs = 0;
      spokenMs += FRAME_MS;
    } else silentMs += FRAME_MS;
    if (silentMs >= SILENCE_MS) break;
  }
  const file = join("messages", `${options.name}.wav`);
  if (spokenMs > 0) {
    const joined = new Int16Array(frames.reduce((sum, frame) => sum + frame.length, 0));
    let at = 0;
    for (const frame of frames) {
      joined.set(frame, at);
      at += frame.length;
    }
    const path = join(options.dataDir, file);
    await mkdir(dirname(path), { recursive: true });
    await writeWav(path, { sampleRate: 8_000, channels: [joined] });
  }
  return { file, durationMs: spokenMs === 0 ? 0 : frames.length * FRAME_MS };
}
