import { FRAME_BYTES, FRAME_SAMPLES, putSamples, samplesOf } from "../../line/index.ts";

/** One frame between the driver and the helper (docs/dahdi-helper.md). Channel 0 is the helper itself. */
export type Frame =
  | { readonly type: "control"; readonly channel: number; readonly words: readonly string[] }
  | { readonly type: "audio"; readonly channel: number; readonly samples: Int16Array };

/** What came is not the protocol; nothing behind it can be read, so the connection has to end. */
export class ProtocolError extends Error {
  override name = "ProtocolError";
}

const HEADER_BYTES = 6;
const MAX_PAYLOAD_BYTES = 1_024;
const CONTROL = 0x43;
const AUDIO = 0x41;

function withHeader(type: number, channel: number, payloadBytes: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + payloadBytes);
  bytes[0] = type;
  bytes.writeUInt16BE(channel, 2);
  bytes.writeUInt16BE(payloadBytes, 4);
  return bytes;
}

/** Words with one space between. @throws ProtocolError for what is not ASCII or too long */
export function encodeControl(channel: number, text: string): Uint8Array {
  if (!/^[!-~]+( [!-~]+)*$/.test(text) || text.length > MAX_PAYLOAD_BYTES)
    throw new ProtocolError("control is ASCII words with one space between, at most 1024 bytes");
  const bytes = withHeader(CONTROL, channel, text.length);
  bytes.write(text, HEADER_BYTES, "latin1");
  return bytes;
}

/** 20 ms of sound; what is missing to 160 samples is silence. */
export function encodeAudio(channel: number, samples: Int16Array): Uint8Array {
  const bytes = withHeader(AUDIO, channel, FRAME_BYTES);
  putSamples(samples.subarray(0, FRAME_SAMPLES), bytes, HEADER_BYTES);
  return bytes;
}

/** The bytes of one whole frame. */
export interface FrameBytes {
  readonly type: Frame["type"];
  readonly bytes: Uint8Array;
}

/** Cuts bytes, which come cut anywhere, where frames end. */
export class FrameCutter {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that `chunk` completes. @throws ProtocolError for what cannot be a frame; the cutter is of no use then */
  cut(chunk: Uint8Array): readonly FrameBytes[] {
    const bytes = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    const frames: FrameBytes[] = [];
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES) {
      const length = payloadLength(bytes.subarray(at, at + HEADER_BYTES));
      if (bytes.length - at < HEADER_BYTES + length) break;
      frames.push({ type: bytes[at] === AUDIO ? "audio" : "control", bytes: bytes.subarray(at, at + HEADER_BYTES + length) });
      at += HEADER_BYTES + length;
    }
    this.#rest = bytes.subarray(at);
    return frames;
  }
}

/** Puts frames together from bytes that come cut anywhere. */
export class FrameReader {
  readonly #cutter = new FrameCutter();

  /** The frames that `chunk` completes. @throws ProtocolError for what cannot be a frame; the reader is of no use then */
  read(chunk: Uint8Array): readonly Frame[] {
    return this.#cutter.cut(chunk).map(({ bytes }) => frameOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
  }
}

function payloadLength(header: Buffer): number {
  const type = header[0];
  if ((type !== CONTROL && type !== AUDIO) || header[1] !== 0)
    throw new ProtocolError(`no frame begins with ${header.toString("hex")}`);
  const length = header.readUInt16BE(4);
  if (length > MAX_PAYLOAD_BYTES) throw new ProtocolError(`a payload of ${length} bytes is longer than ${MAX_PAYLOAD_BYTES}`);
  if (type === AUDIO && length !== FRAME_BYTES) throw new ProtocolError(`${length} bytes of sound are not 20 ms`);
  return length;
}

function frameOf(bytes: Buffer): Frame {
  const channel = bytes.readUInt16BE(2);
  const payload = bytes.subarray(HEADER_BYTES);
  if (bytes[0] === CONTROL) return { type: "control", channel, words: payload.toString("latin1").split(" ") };
  return { type: "audio", channel, samples: samplesOf(payload) };
}
