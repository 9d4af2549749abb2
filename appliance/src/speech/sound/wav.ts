/** Samples of a mono recording. */
export interface Wav {
  readonly samples: Int16Array;
  readonly sampleRate: number;
}

const HEADER_BYTES = 44;
const PCM = 1;
const ALAW = 6;
const MULAW = 7;
const EXTENSIBLE = 0xfffe;

/**
 * Reads a RIFF WAVE file: 16-bit PCM, or G.711 A-law or µ-law (RFC 2361); of several channels the first.
 * A length that a program writing to a pipe left open means "to the end".
 * @throws RangeError when it is none of these
 */
export function parseWav(file: Buffer): Wav {
  if (file.length < 12 || file.toString("latin1", 0, 4) !== "RIFF" || file.toString("latin1", 8, 12) !== "WAVE") {
    throw new RangeError("not a wav file");
  }
  let format: { readonly codec: number; readonly channels: number; readonly sampleRate: number } | undefined;
  for (let at = 12; at + 8 <= file.length; ) {
    const id = file.toString("latin1", at, at + 4);
    const body = at + 8;
    const length = Math.min(file.readUInt32LE(at + 4), file.length - body);
    if (id === "fmt " && length >= 16) format = readFormat(file.subarray(body, body + length));
    if (id === "data") {
      if (!format) break;
      return { samples: decode(file.subarray(body, body + length), format), sampleRate: format.sampleRate };
    }
    at = body + length + (length % 2);
  }
  throw new RangeError("a wav file without sound");
}

/** A 16-bit mono wav file. */
export function formatWav({ samples, sampleRate }: Wav): Buffer {
  const file = Buffer.alloc(HEADER_BYTES + samples.byteLength);
  file.write("RIFF", 0, "latin1");
  file.writeUInt32LE(file.length - 8, 4);
  file.write("WAVEfmt ", 8, "latin1");
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(PCM, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(sampleRate, 24);
  file.writeUInt32LE(sampleRate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36, "latin1");
  file.writeUInt32LE(samples.byteLength, 40);
  file.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), HEADER_BYTES);
  return file;
}

function readFormat(chunk: Buffer): { codec: number; channels: number; sampleRate: number } {
  const tag = chunk.readUInt16LE(0);
  const codec = tag === EXTENSIBLE && chunk.length >= 26 ? chunk.readUInt16LE(24) : tag;
  const bits = chunk.readUInt16LE(14);
  const known = (codec === PCM && bits === 16) || ((codec === ALAW || codec === MULAW) && bits === 8);
  const channels = chunk.readUInt16LE(2);
  const sampleRate = chunk.readUInt32LE(4);
  if (!known || channels === 0 || sampleRate === 0) throw new RangeError(`a wav file of codec ${codec} with ${bits} bits`);
  return { codec, channels, sampleRate };
}

function decode(data: Buffer, { codec, channels }: { readonly codec: number; readonly channels: number }): Int16Array {
  const width = codec === PCM ? 2 : 1;
  const samples = new Int16Array(Math.floor(data.length / (width * channels)));
  for (let index = 0; index < samples.length; index++) {
    const at = index * width * channels;
    samples[index] =
      codec === PCM ? data.readInt16LE(at) : codec === ALAW ? fromAlaw(data.readUInt8(at)) : fromMulaw(data.readUInt8(at));
  }
  return samples;
}

/** ITU-T G.711 A-law. */
function fromAlaw(code: number): number {
  const bits = code ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const mantissa = ((bits & 15) << 4) | 8;
  const size = exponent === 0 ? mantissa : (mantissa | 0x100) << (exponent - 1);
  return bits & 0x80 ? size : -size;
}

/** ITU-T G.711 µ-law. */
function fromMulaw(code: number): number {
  const bits = ~code & 0xff;
  const size = ((((bits & 15) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84;
  return bits & 0x80 ? -size : size;
}
