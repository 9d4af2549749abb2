import type { ReceptionReport } from "./reception.ts";

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const DESCRIPTION = 202;
const BYE = 203;
const CNAME = 1;

/** A reception report as it goes on the wire: with when the last sender report came. */
export interface ReportBlock extends ReceptionReport {
  /** The middle 32 bits of the last sender report's NTP time, and how long ago it came, in 1/65536 s; 0 and 0 where none did. */
  readonly lastReport: number;
  readonly delay: number;
}

/** What a sender says it has sent. */
export interface SenderInfo {
  /** Seconds and their fraction in 1/2^32: of any clock, since only differences are used (RFC 3550 §4). */
  readonly seconds: number;
  readonly fraction: number;
  readonly timestamp: number;
  readonly packets: number;
  readonly octets: number;
}

/** What is of use of a compound RTCP packet. */
export interface Rtcp {
  readonly ssrc: number;
  readonly sent?: SenderInfo;
  readonly blocks: readonly ReportBlock[];
  readonly leaves: boolean;
}

const head = (count: number, type: number, bytes: number) =>
  Buffer.from([0x80 | count, type, (bytes / 4 - 1) >> 8, (bytes / 4 - 1) & 255]);

const word = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

function formatBlock({ ssrc, fractionLost, cumulativeLost, highest, jitter, lastReport, delay }: ReportBlock): Buffer {
  // 24 bits with a sign, which stop at their ends.
  const lost = Math.max(-0x80_0000, Math.min(0x7f_ffff, cumulativeLost)) & 0xff_ffff;
  return Buffer.concat([ssrc, fractionLost * 2 ** 24 + lost, highest, jitter, lastReport, delay].map(word));
}

/** Writes a compound packet: a sender's or receiver's report, our name, and a farewell where we leave (RFC 3550 §6.1, §6.4 to §6.6). */
export function formatRtcp({ ssrc, sent, blocks, leaves }: Rtcp, cname: string): Buffer {
  const body = Buffer.concat([
    word(ssrc),
    ...(sent ? [sent.seconds, sent.fraction, sent.timestamp, sent.packets, sent.octets].map(word) : []),
    ...blocks.map(formatBlock),
  ]);
  const name = Buffer.from(cname);
  // One item, and at least one zero byte that ends the list.
  const chunk = Buffer.alloc(4 + Math.ceil((2 + name.length + 1) / 4) * 4);
  chunk.writeUInt32BE(ssrc, 0);
  chunk.writeUInt8(CNAME, 4);
  chunk.writeUInt8(name.length, 5);
  name.copy(chunk, 6);
  const parts = [
    head(blocks.length, sent ? SENDER_REPORT : RECEIVER_REPORT, 4 + body.length),
    body,
    head(1, DESCRIPTION, 4 + chunk.length),
    chunk,
  ];
  if (leaves) parts.push(head(1, BYE, 8), word(ssrc));
  return Buffer.concat(parts);
}

/** Whether a datagram on a port that both share is RTCP rather than RTP (RFC 5761 §4). */
export function isRtcp(datagram: Buffer): boolean {
  const type = datagram.length < 2 ? 0 : datagram.readUInt8(1);
  return type >= 192 && type <= 223;
}

/** Takes a compound packet apart, or gives nothing where it is none by the checks of RFC 3550 appendix A.2. */
export function parseRtcp(datagram: Buffer): Rtcp | undefined {
  let sent: SenderInfo | undefined;
  const blocks: ReportBlock[] = [];
  let leaves = false;
  let ssrc: number | undefined;
  for (let start = 0; start < datagram.length; ) {
    if (datagram.length < start + 4) return undefined;
    const first = datagram.readUInt8(start);
    const type = datagram.readUInt8(start + 1);
    const end = start + 4 * (datagram.readUInt16BE(start + 2) + 1);
    if (first >> 6 !== 2 || end > datagram.length) return undefined;
    const isReport = type === SENDER_REPORT || type === RECEIVER_REPORT;
    if (start === 0 && (!isReport || end < 8 || (first & 0x20) !== 0)) return undefined;
    if (isReport) {
      const infoBytes = type === SENDER_REPORT ? 20 : 0;
      const count = first & 31;
      if (end < start + 8 + infoBytes + 24 * count) return undefined;
      ssrc ??= datagram.readUInt32BE(start + 4);
      if (infoBytes > 0) sent ??= senderInfoAt(datagram, start + 8);
      for (let n = 0; n < count; n++) blocks.push(blockAt(datagram, start + 8 + infoBytes + 24 * n));
    } else if (type === BYE) {
      for (let n = 0; n < (first & 31) && start + 8 + 4 * n <= end; n++)
        if (datagram.readUInt32BE(start + 4 + 4 * n) === ssrc) leaves = true;
    }
    start = end;
  }
  return ssrc === undefined ? undefined : { ssrc, ...(sent && { sent }), blocks, leaves };
}

function senderInfoAt(datagram: Buffer, at: number): SenderInfo {
  return {
    seconds: datagram.readUInt32BE(at),
    fraction: datagram.readUInt32BE(at + 4),
    timestamp: datagram.readUInt32BE(at + 8),
    packets: datagram.readUInt32BE(at + 12),
    octets: datagram.readUInt32BE(at + 16),
  };
}

function blockAt(datagram: Buffer, at: number): ReportBlock {
  return {
    ssrc: datagram.readUInt32BE(at),
    fractionLost: datagram.readUInt8(at + 4),
    cumulativeLost: datagram.readIntBE(at + 5, 3),
    highest: datagram.readUInt32BE(at + 8),
    jitter: datagram.readUInt32BE(at + 12),
    lastReport: datagram.readUInt32BE(at + 16),
    delay: datagram.readUInt32BE(at + 20),
  };
}
