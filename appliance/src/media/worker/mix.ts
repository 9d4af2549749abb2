import { FRAME_SAMPLES } from "@sitebox/drivers/line";

const sum = new Int32Array(FRAME_SAMPLES);

/** Adds frames up into `out`; what is too loud for 16 bits is cut off at the limit and never wraps around. */
export function mix(parts: readonly Int16Array[], out: Int16Array): Int16Array {
  sum.fill(0);
  for (const part of parts) for (let i = 0; i < FRAME_SAMPLES; i++) sum[i] = (sum[i] ?? 0) + (part[i] ?? 0);
  for (let i = 0; i < FRAME_SAMPLES; i++) out[i] = Math.max(-32_768, Math.min(32_767, sum[i] ?? 0));
  return out;
}
