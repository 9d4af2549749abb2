import { readFile, writeFile } from "node:fs/promises";
import { alaw, ulaw } from "@sitebox/drivers/sound";

export interface Wav {
  readonly sampleRate: number;
  /** One array a channel, all of one length; signed 16 bit. */
  readonly channels: readonly Int16Array[];
}

export class WavError extends Error {
  override name = "WavError";
}

/** Size of the header that {@link wavHeader} makes, in bytes. */
export const WAV_HEADER_BYTES = 44;

/** The header of a signed 16-bit file with `dataBytes` of samples behind it. */
export function wavHeader(sampleRate: number, channels: number, dataBytes: number): Buffer {
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

interface Format {
  readonly coding: number;
  readonly channels: number;
  readonly sampleRate: number;
  readonly bits: number;
}

const PCM = 1;
const ALAW = 6;
const MULAW = 7;
const EXTENSIBLE = 0xfffe;

function formatOf(chunk: Buffer): Format {
  if (chunk.length < 16) throw new WavError("the format chunk is too short");
  const coding = chunk.readUInt16LE(0);
  return {
    coding: coding === EXTENSIBLE && chunk.length >= 26 ? chunk.readUInt16LE(24) : coding,
    channels: chunk.readUInt16LE(2),
    sampleRate: chunk.readUInt32LE(4),
    bits: chunk.readUInt16LE(14),
  };
}

function samplesOf(format: Format, data: Buffer): Int16Array {
  if (format.coding === ALAW && format.bits === 8) return alaw.decode(data);
  if (format.coding === MULAW && format.bits === 8) return ulaw.decode(data);
  if (format.coding !== PCM || format.bits !== 16)
    throw new WavError(`coding ${format.coding} with ${format.bits} bits is not read here, only signed 16 bit and G.711`);
  return Int16Array.from({ length: data.length >> 1 }, (_, i) => data.readInt16LE(i * 2));
}

/**
 * Takes a wav apart: signed 16 bit, A-law or µ-law. A data chunk that says more than there is (a recording that was cut off)
 * is read as far as it goes.
 * @throws WavError where it is not such a file
 */
export function parseWav(file: Buffer): Wav {
  if (file.toString("latin1", 0, 4) !== "RIFF" || file.toString("latin1", 8, 12) !== "WAVE") throw new WavError("not a wav file");
  let format: Format | undefined;
  for (let at = 12; at + 8 <= file.length; ) {
    const id = file.toString("latin1", at, at + 4);
    const size = file.readUInt32LE(at + 4);
    const chunk = file.subarray(at + 8, at + 8 + size);
    if (id === "fmt ") format = formatOf(chunk);
    if (id === "data") {
      if (!format || format.channels === 0 || format.sampleRate === 0) throw new WavError("no usable format before the samples");
      return { sampleRate: format.sampleRate, channels: apart(samplesOf(format, chunk), format.channels) };
    }
    at += 8 + size + (size & 1);
  }
  throw new WavError("no samples in the file");
}

function apart(interleaved: Int16Array, channels: number): Int16Array[] {
  const length = Math.floor(interleaved.length / channels);
  return Array.from({ length: channels }, (_, channel) =>
    Int16Array.from({ length }, (__, i) => interleaved[i * channels + channel] ?? 0),
  );
}

/** Reads a wav file whole. Rejects with {@link WavError} where it is none, and with the system's error where it cannot be read. */
export async function readWav(file: string): Promise<Wav> {
  return parseWav(await readFile(file));
}

/** The bytes of a signed 16-bit wav file. Channels that are shorter than the longest end in silence. */
export function formatWav({ sampleRate, channels }: Wav): Buffer {
  const length = Math.max(0, ...channels.map((channel) => channel.length));
  const data = Buffer.alloc(length * channels.length * 2);
  channels.forEach((samples, channel) => {
    for (let i = 0; i < samples.length; i++) data.writeInt16LE(samples[i] ?? 0, (i * channels.length + channel) * 2);
  });
  return Buffer.concat([wavHeader(sampleRate, channels.length, data.length), data]);
}

export async function writeWav(file: string, wav: Wav): Promise<void> {
  await writeFile(file, formatWav(wav));
}
