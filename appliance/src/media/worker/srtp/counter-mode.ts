import { type Cipheriv, createCipheriv } from "node:crypto";

const BLOCK = 16;
/** Room for one datagram. */
const MAX_BLOCKS = 128;

/**
 * AES in counter mode as SRTP uses it (RFC 3711 §4.1.1). One cipher object serves all packets of a key: it encrypts counter blocks (ECB), which
 * costs a third of a cipher object a packet, and what comes out is XORed onto the packet in place.
 */
export class CounterMode {
  readonly #cipher: Cipheriv;
  readonly #salt: Uint8Array;
  readonly #counters = Buffer.alloc(MAX_BLOCKS * BLOCK);

  constructor(key: Uint8Array, salt: Uint8Array) {
    this.#cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
    this.#salt = salt;
  }

  /** Encrypts or decrypts `bytes` from `start` to `end`, of which there may be 2 KB. `index` is the packet's place in its stream, 48 bit. */
  apply(bytes: Uint8Array, [start, end]: readonly [number, number], { ssrc, index }: { ssrc: number; index: number }): void {
    if (end <= start) return;
    const blocks = Math.ceil((end - start) / BLOCK);
    if (blocks > MAX_BLOCKS) throw new RangeError("more than a datagram");
    const counters = this.#counters;
    // IV = salt · 2^16 ⊕ SSRC · 2^64 ⊕ index · 2^16
    counters.set(this.#salt, 0);
    counters.writeUInt32BE((counters.readUInt32BE(4) ^ ssrc) >>> 0, 4);
    counters.writeUInt16BE(counters.readUInt16BE(8) ^ Math.floor(index / 2 ** 32), 8);
    counters.writeUInt32BE((counters.readUInt32BE(10) ^ index) >>> 0, 10);
    counters.writeUInt16BE(0, 14);
    for (let block = 1; block < blocks; block++) {
      counters.copyWithin(block * BLOCK, 0, BLOCK - 2);
      counters.writeUInt16BE(block, block * BLOCK + 14);
    }
    const stream = this.#cipher.update(counters.subarray(0, blocks * BLOCK));
    for (let i = start; i < end; i++) bytes[i] = (bytes[i] ?? 0) ^ (stream[i - start] ?? 0);
  }
}
