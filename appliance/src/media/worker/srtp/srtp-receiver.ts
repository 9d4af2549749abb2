import { timingSafeEqual } from "node:crypto";
import type { SrtpKey } from "@sitebox/drivers/line";
import type { AuthCode } from "./auth-code.ts";
import { type SessionKeys, sessionKeys } from "./keys.ts";
import { RTCP_INDEX_BYTES, RTCP_TAG_BYTES, rtpHeaderBytes, tagBytes } from "./layout.ts";
import { ReplayWindow } from "./replay-window.ts";

/** Where one sender's stream stands. Made when its first packet is authenticated, so that forgeries cost no memory. */
interface Stream {
  rollovers: number;
  highest: number;
  readonly replay: ReplayWindow;
}

/** Senders that one session may have had; a call has one, and a few after transfers. */
const MAX_STREAMS = 16;

/** Telephone packets are a tenth of this; what is larger cannot be theirs, whoever made it. */
const MAX_BYTES = 2_000;

/** What became of a packet. Only "fresh" is to be used. */
export type Unprotected =
  | { readonly type: "fresh"; readonly packet: Buffer }
  /** Not made with the key: forged, damaged, not encrypted, or cut. */
  | { readonly type: "forged" }
  /** Made with the key, but seen before or older than can be told. */
  | { readonly type: "replayed" };

const FORGED: Unprotected = { type: "forged" };
const REPLAYED: Unprotected = { type: "replayed" };

/** Authenticates and decrypts what comes (RFC 3711). */
export class SrtpReceiver {
  readonly #tagBytes: number;
  readonly #rtp: SessionKeys;
  readonly #rtcp: SessionKeys;
  readonly #streams = new Map<number, Stream>();
  readonly #rtcpReplay = new Map<number, ReplayWindow>();
  readonly #roc = Buffer.alloc(4);
  readonly #former: SrtpReceiver | undefined;

  /**
   * `former` is the receiver of the key before, where the key changes in mid-call: a sender may go on counting its roll-overs (RFC 3711 §3.3.1)
   * or begin anew, and both are understood.
   */
  constructor(key: SrtpKey, former?: SrtpReceiver) {
    this.#tagBytes = tagBytes(key.suite);
    this.#rtp = sessionKeys(key, "rtp");
    this.#rtcp = sessionKeys(key, "rtcp");
    this.#former = former;
  }

  /** The RTP packet that was sent, decrypted in place. */
  unprotectRtp(datagram: Buffer): Unprotected {
    const end = datagram.length - this.#tagBytes;
    if (end < 12 || datagram.length > MAX_BYTES || datagram.readUInt8(0) >> 6 !== 2) return FORGED;
    const start = rtpHeaderBytes(datagram);
    if (start > end) return FORGED;
    const sequence = datagram.readUInt16BE(2);
    const ssrc = datagram.readUInt32BE(8);
    const known = this.#streams.get(ssrc);
    if (!known) return this.#first(datagram, [start, end], { ssrc, sequence });
    const rollovers = guessRollovers(known, sequence);
    const index = rollovers * 65_536 + sequence;
    // Cheaper first: a replay need not be authenticated to be dropped (RFC 3711 §3.3 step 5).
    if (rollovers < 0 || !known.replay.isNew(index)) return REPLAYED;
    if (!this.#isAuthentic(datagram, end, rollovers)) return FORGED;
    known.replay.add(index);
    if (index > known.rollovers * 65_536 + known.highest) {
      known.rollovers = rollovers;
      known.highest = sequence;
    }
    return this.#opened(datagram, [start, end], { ssrc, index });
  }

  /** The RTCP packet that was sent, decrypted in place. */
  unprotectRtcp(datagram: Buffer): Unprotected {
    const end = datagram.length - RTCP_TAG_BYTES;
    const body = end - RTCP_INDEX_BYTES;
    if (body < 8 || datagram.length > MAX_BYTES || datagram.readUInt8(0) >> 6 !== 2) return FORGED;
    const ssrc = datagram.readUInt32BE(4);
    const word = datagram.readUInt32BE(body);
    const index = word & 0x7fff_ffff;
    const replay = this.#rtcpReplay.get(ssrc) ?? new ReplayWindow();
    if (!replay.isNew(index)) return REPLAYED;
    if (!isTag(this.#rtcp.auth, datagram.subarray(0, end), datagram.subarray(end))) return FORGED;
    if (this.#rtcpReplay.size < MAX_STREAMS || this.#rtcpReplay.has(ssrc)) this.#rtcpReplay.set(ssrc, replay);
    replay.add(index);
    // Without the E bit it is authenticated only.
    if (word >= 0x8000_0000) this.#rtcp.cipher.apply(datagram, [8, body], { ssrc, index });
    return { type: "fresh", packet: datagram.subarray(0, body) };
  }

  /** The first packet of a sender tells where it stands, if it is authentic under a roll-over count that it can have. */
  #first(
    datagram: Buffer,
    range: readonly [number, number],
    { ssrc, sequence }: { ssrc: number; sequence: number },
  ): Unprotected {
    if (this.#streams.size >= MAX_STREAMS) return FORGED;
    const before = this.#former?.rolloversOf(ssrc, sequence) ?? 0;
    const rollovers = [0, before].find((count) => this.#isAuthentic(datagram, range[1], count));
    if (rollovers === undefined) return FORGED;
    const stream: Stream = { rollovers, highest: sequence, replay: new ReplayWindow() };
    this.#streams.set(ssrc, stream);
    const index = rollovers * 65_536 + sequence;
    stream.replay.add(index);
    return this.#opened(datagram, range, { ssrc, index });
  }

  /** The roll-over count that a packet of a known sender would have. */
  rolloversOf(ssrc: number, sequence: number): number | undefined {
    const stream = this.#streams.get(ssrc);
    return stream && Math.max(0, guessRollovers(stream, sequence));
  }

  #isAuthentic(datagram: Buffer, end: number, rollovers: number): boolean {
    this.#roc.writeUInt32BE(rollovers >>> 0, 0);
    return isTag(this.#rtp.auth, datagram.subarray(0, end), datagram.subarray(end), this.#roc);
  }

  #opened(datagram: Buffer, range: readonly [number, number], place: { ssrc: number; index: number }): Unprotected {
    this.#rtp.cipher.apply(datagram, range, place);
    return { type: "fresh", packet: datagram.subarray(0, range[1]) };
  }
}

function isTag(auth: AuthCode, authenticated: Uint8Array, tag: Uint8Array, roc?: Uint8Array): boolean {
  return timingSafeEqual(auth.of(authenticated, roc).subarray(0, tag.length), tag);
}

/** The roll-over count that brings a sequence number nearest to the highest one seen (RFC 3711 appendix A); below zero for none. */
function guessRollovers({ rollovers, highest }: Stream, sequence: number): number {
  if (highest < 32_768) return sequence - highest > 32_768 ? rollovers - 1 : rollovers;
  return highest - 32_768 > sequence ? rollovers + 1 : rollovers;
}
