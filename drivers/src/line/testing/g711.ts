/** A-law of ITU-T G.711, as plain as it can be said; the media plane has its own, with tables. */
export function encodeAlaw(sample: number): number {
  const sign = sample >= 0 ? 0x80 : 0;
  const magnitude = Math.min(sample >= 0 ? sample >> 4 : ~sample >> 4, 0x7ff);
  const exponent = magnitude < 32 ? (magnitude < 16 ? 0 : 1) : Math.floor(Math.log2(magnitude)) - 3;
  const mantissa = exponent < 2 ? magnitude & 0x0f : (magnitude >> (exponent - 1)) & 0x0f;
  return (sign | (exponent << 4) | mantissa) ^ 0x55;
}

export function decodeAlaw(byte: number): number {
  const value = byte ^ 0x55;
  const exponent = (value >> 4) & 7;
  const mantissa = ((value & 0x0f) << 1) | 1;
  const magnitude = exponent === 0 ? mantissa << 3 : (mantissa | 0x20) << (exponent + 2);
  return value & 0x80 ? magnitude : -magnitude;
}

export const alawFrame = (frame: Int16Array): Uint8Array => Uint8Array.from(frame, encodeAlaw);
export const pcmFrame = (bytes: Uint8Array): Int16Array => Int16Array.from(bytes, decodeAlaw);
