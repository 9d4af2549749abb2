import type { AudioCodec } from "@sitebox/drivers/line";
import { alaw, ulaw } from "@sitebox/drivers/sound";
import { G722Decoder, G722Encoder } from "../sound/index.ts";

/** Bytes of 20 ms in each of our codecs: all carry 64 kbit/s. */
export const FRAME_BYTES = 160;

/** One direction's encoder; G.722 remembers what was before, so each stream has its own. */
export interface VoiceEncoder {
  /** Encodes 8 kHz samples into as many bytes of `target` from `offset` on. */
  encodeInto(samples: Int16Array, target: Uint8Array, offset: number): void;
}

export interface VoiceDecoder {
  decode(codes: Uint8Array): Int16Array;
}

export function voiceEncoder(codec: AudioCodec): VoiceEncoder {
  return codec === "G722" ? new G722Encoder() : codec === "PCMU" ? ulaw : alaw;
}

export function voiceDecoder(codec: AudioCodec): VoiceDecoder {
  return codec === "G722" ? new G722Decoder() : codec === "PCMU" ? ulaw : alaw;
}
