import type { Digit } from "../index.ts";

/** What a test needs to know of an RTP packet (RFC 3550 §5.1). */
export interface RtpPacket {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Uint8Array;
}

export function formatRtp({ payloadType, marker, sequence, timestamp, ssrc, payload }: RtpPacket): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt8(0x80, 0);
  head.writeUInt8((marker ? 0x80 : 0) | payloadType, 1);
  head.writeUInt16BE(sequence & 0xffff, 2);
  head.writeUInt32BE(timestamp >>> 0, 4);
  head.writeUInt32BE(ssrc >>> 0, 8);
  return Buffer.concat([head, payload]);
}

/** Undefined when it is no RTP of version 2. */
export function parseRtp(bytes: Buffer): RtpPacket | undefined {
  const first = bytes.length < 12 ? 0 : bytes.readUInt8(0);
  const start = 12 + (first & 0x0f) * 4;
  if (first >> 6 !== 2 || bytes.length < start) return undefined;
  return {
    payloadType: bytes.readUInt8(1) & 0x7f,
    marker: bytes.readUInt8(1) >= 0x80,
    sequence: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    payload: bytes.subarray(start),
  };
}

const KEYS: readonly Digit[] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#", "A", "B", "C", "D"];

/** The payload of a telephone event (RFC 4733 §2.3). */
export function formatEvent(digit: Digit, { end, duration }: { readonly end: boolean; readonly duration: number }): Uint8Array {
  const payload = Buffer.alloc(4);
  payload.writeUInt8(KEYS.indexOf(digit), 0);
  payload.writeUInt8((end ? 0x80 : 0) | 10, 1);
  payload.writeUInt16BE(duration, 2);
  return payload;
}

export const digitOfEvent = (payload: Uint8Array): Digit | undefined => KEYS[payload[0] ?? KEYS.length];
