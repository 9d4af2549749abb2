import type { AudioCodec } from "@sitebox/drivers/line";
import { alaw, type Law, ulaw } from "../sound/index.ts";

/** Bytes of 20 ms in each of our codecs: all carry 64 kbit/s. */
export const FRAME_BYTES = 160;

/** One direction's encoder; G.722 remembers what was before, so each stream has its own. */
export interface VoiceEncoder {
  /** Encodes a frame of 20 ms into {@link FRAME_BYTES} of `target` from `offset` on. */
  encodeInto(frame: Int16Array, target: Uint8Array, offset: number): void;
}

const LAWS: Record<"PCMA" | "PCMU", Law> = { PCMA: alaw, PCMU: ulaw };

export function voiceEncoder(codec: AudioCodec): VoiceEncoder {
  return codec === "G722" ? alaw : LAWS[codec];
}
