/** One message between this process and an engine: `u32 length of the rest, u8 type, u32 session, payload`, little-endian. */
export interface Message {
  /** One ASCII letter. */
  readonly type: string;
  readonly session: number;
  readonly payload: Buffer;
}

const HEAD_BYTES = 5;
const MAX_BYTES = 64 << 20;

export function encodeMessage(type: string, session: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const bytes = Buffer.alloc(4 + HEAD_BYTES + payload.byteLength);
  bytes.writeUInt32LE(HEAD_BYTES + payload.byteLength, 0);
  bytes.write(type, 4, 1, "latin1");
  bytes.writeUInt32LE(session, 5);
  bytes.set(payload, 4 + HEAD_BYTES);
  return bytes;
}

/** Parts separated by NUL, as the recogniser program reads them. */
export function textPayload(...parts: readonly string[]): Buffer {
  return Buffer.from(parts.join("\0"), "utf8");
}

/** The samples' own bytes, without a copy. */
export function samplesPayload(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

/** The samples of a payload, copied so that they are aligned. */
export function payloadSamples(payload: Buffer): Int16Array {
  const samples = new Int16Array(payload.byteLength >> 1);
  payload.copy(new Uint8Array(samples.buffer));
  return samples;
}

/** Cuts a byte stream into messages, however it is chunked. */
export class MessageReader {
  #rest: Buffer = Buffer.alloc(0);

  /** @throws RangeError on a length that no engine sends: the stream is not one of ours. */
  read(chunk: Buffer): Message[] {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const messages: Message[] = [];
    while (bytes.length >= 4) {
      const length = bytes.readUInt32LE(0);
      if (length < HEAD_BYTES || length > MAX_BYTES) throw new RangeError(`a message of ${length} bytes`);
      if (bytes.length < 4 + length) break;
      messages.push({
        type: bytes.toString("latin1", 4, 5),
        session: bytes.readUInt32LE(5),
        payload: bytes.subarray(4 + HEAD_BYTES, 4 + length),
      });
      bytes = bytes.subarray(4 + length);
    }
    this.#rest = bytes;
    return messages;
  }
}
