/**
 * G.711 (ITU-T, 11/1988) by table: 256 entries to decode, 65 536 to encode. The arithmetic follows the ITU's reference
 * software (G.191): a negative sample is inverted, not negated, so a sample on a decision value takes the code nearer zero.
 */

/** RTP payload types of the two laws (RFC 3551 §6). */
export const PCMU = 0;
export const PCMA = 8;

/** Which segment of the compressed law a magnitude falls into: the place of its highest bit above `lowestBit`. */
function segmentOf(magnitude: number, lowestBit: number): number {
  return Math.max(0, 31 - Math.clz32(magnitude) - lowestBit);
}

function encodeAlawSample(sample: number): number {
  const magnitude = (sample < 0 ? ~sample : sample) >> 4;
  const segment = magnitude < 32 ? magnitude >> 4 : segmentOf(magnitude, 4) + 1;
  const code = segment < 2 ? magnitude : (segment << 4) | ((magnitude >> (segment - 1)) & 15);
  return (sample < 0 ? code : code | 0x80) ^ 0x55;
}

function decodeAlawCode(code: number): number {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  const step = bits & 15;
  const magnitude = segment === 0 ? (step << 4) + 8 : ((step << 4) + 264) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

function encodeUlawSample(sample: number): number {
  const magnitude = Math.min(((sample < 0 ? ~sample : sample) >> 2) + 33, 0x1fff);
  const segment = segmentOf(magnitude, 5);
  const code = (segment << 4) | ((magnitude >> (segment + 1)) & 15);
  return (sample < 0 ? code : code | 0x80) ^ 0x7f;
}

function decodeUlawCode(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 15) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return bits & 0x80 ? -magnitude : magnitude;
}

/** One law, both ways. Encoded sound is one byte a sample, decoded sound signed 16 bit. */
export interface Law {
  encode(samples: Int16Array): Uint8Array;
  /** Encodes into `target` from `offset` on, without allocating. */
  encodeInto(samples: Int16Array, target: Uint8Array, offset: number): void;
  decode(codes: Uint8Array): Int16Array;
}

function lawOf(encodeSample: (sample: number) => number, decodeCode: (code: number) => number): Law {
  const codeOf = Uint8Array.from({ length: 65_536 }, (_, index) => encodeSample((index << 16) >> 16));
  const sampleOf = Int16Array.from({ length: 256 }, (_, code) => decodeCode(code));
  const encodeInto = (samples: Int16Array, target: Uint8Array, offset: number) => {
    for (let i = 0; i < samples.length; i++) target[offset + i] = codeOf[(samples[i] ?? 0) & 0xffff] ?? 0;
  };
  return {
    encodeInto,
    encode(samples) {
      const codes = new Uint8Array(samples.length);
      encodeInto(samples, codes, 0);
      return codes;
    },
    decode(codes) {
      const samples = new Int16Array(codes.length);
      for (let i = 0; i < codes.length; i++) samples[i] = sampleOf[codes[i] ?? 0] ?? 0;
      return samples;
    },
  };
}

export const alaw: Law = lawOf(encodeAlawSample, decodeAlawCode);
export const ulaw: Law = lawOf(encodeUlawSample, decodeUlawCode);
