import type { SrtpKey } from "@sitebox/drivers/line";

/** RTCP is authenticated by 80 bits in both suites (RFC 4568 §6.2.2). */
export const RTCP_TAG_BYTES = 10;
/** The E bit and the index behind an RTCP packet (RFC 3711 §3.4). */
export const RTCP_INDEX_BYTES = 4;

/** The length of an RTP packet's tag: 80 or 32 bits. */
export const tagBytes = (suite: SrtpKey["suite"]) => (suite === "AES_CM_128_HMAC_SHA1_32" ? 4 : 10);

/** Where the encrypted part begins: behind the header, its CSRCs and its extension (RFC 3711 §3.1). More than the length where it is cut. */
export function rtpHeaderBytes(packet: Buffer): number {
  const first = packet.readUInt8(0);
  const fixed = 12 + (first & 15) * 4;
  if ((first & 0x10) === 0) return fixed;
  return packet.length < fixed + 4 ? fixed + 4 : fixed + 4 + packet.readUInt16BE(fixed + 2) * 4;
}
