/** An RTP packet taken apart (RFC 3550 §5.1). */
export interface RtpPacket {
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Uint8Array;
}

export const RTP_HEADER_BYTES = 12;

/** Takes a datagram apart, or gives nothing where it is no RTP: something else, too short, or RTCP sharing the port (RFC 5761 §4). */
export function parseRtp(datagram: Buffer): RtpPacket | undefined {
  if (datagram.length < RTP_HEADER_BYTES) return undefined;
  const first = datagram.readUInt8(0);
  const second = datagram.readUInt8(1);
  if (first >> 6 !== 2 || (second >= 192 && second <= 223)) return undefined;
  let start = RTP_HEADER_BYTES + (first & 15) * 4;
  if (first & 0x10) {
    if (datagram.length < start + 4) return undefined;
    start += 4 + datagram.readUInt16BE(start + 2) * 4;
  }
  const end = datagram.length - (first & 0x20 ? datagram.readUInt8(datagram.length - 1) : 0);
  if (start > end) return undefined;
  return {
    payloadType: second & 0x7f,
    sequence: datagram.readUInt16BE(2),
    timestamp: datagram.readUInt32BE(4),
    ssrc: datagram.readUInt32BE(8),
    payload: datagram.subarray(start, end),
  };
}

/** A packet with its header written and room for the payload behind it. */
export function rtpPacket(
  header: Omit<RtpPacket, "payload"> & { readonly marker: boolean; readonly payloadBytes: number },
): Buffer {
  const packet = Buffer.allocUnsafe(RTP_HEADER_BYTES + header.payloadBytes);
  packet.writeUInt8(0x80, 0);
  packet.writeUInt8((header.marker ? 0x80 : 0) | header.payloadType, 1);
  packet.writeUInt16BE(header.sequence & 0xffff, 2);
  packet.writeUInt32BE(header.timestamp >>> 0, 4);
  packet.writeUInt32BE(header.ssrc, 8);
  return packet;
}
