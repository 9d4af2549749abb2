import type { SrtpKey } from "@sitebox/drivers/line";
import { type SessionKeys, sessionKeys } from "./keys.ts";
import { RTCP_INDEX_BYTES, RTCP_TAG_BYTES, rtpHeaderBytes, tagBytes } from "./layout.ts";

/** Protects one stream that we send (RFC 3711). Its packets are numbered on from one to the next. */
export class SrtpSender {
  /** Bytes that an RTP packet needs behind its payload. */
  readonly tagBytes: number;
  readonly #rtp: SessionKeys;
  readonly #rtcp: SessionKeys;
  readonly #roc = Buffer.alloc(4);
  #rollovers = 0;
  #lastSequence: number | undefined;
  #rtcpIndex = 0;

  constructor(key: SrtpKey) {
    this.tagBytes = tagBytes(key.suite);
    this.#rtp = sessionKeys(key, "rtp");
    this.#rtcp = sessionKeys(key, "rtcp");
  }

  /** Encrypts an RTP packet in place and writes its tag, for which the last {@link tagBytes} bytes of `packet` are left free. */
  protectRtp(packet: Buffer): void {
    const end = packet.length - this.tagBytes;
    const sequence = packet.readUInt16BE(2);
    if (this.#lastSequence !== undefined && sequence < this.#lastSequence) this.#rollovers++;
    this.#lastSequence = sequence;
    const index = this.#rollovers * 65_536 + sequence;
    this.#rtp.cipher.apply(packet, [rtpHeaderBytes(packet), end], { ssrc: packet.readUInt32BE(8), index });
    this.#roc.writeUInt32BE(this.#rollovers, 0);
    this.#rtp.auth.of(packet.subarray(0, end), this.#roc).copy(packet, end, 0, this.tagBytes);
  }

  /** The protected form of an RTCP packet. */
  protectRtcp(packet: Buffer): Buffer {
    const index = this.#rtcpIndex++;
    const out = Buffer.alloc(packet.length + RTCP_INDEX_BYTES + RTCP_TAG_BYTES);
    packet.copy(out);
    this.#rtcp.cipher.apply(out, [8, packet.length], { ssrc: packet.readUInt32BE(4), index });
    out.writeUInt32BE((0x8000_0000 | index) >>> 0, packet.length);
    const end = packet.length + RTCP_INDEX_BYTES;
    this.#rtcp.auth.of(out.subarray(0, end)).copy(out, end, 0, RTCP_TAG_BYTES);
    return out;
  }
}
