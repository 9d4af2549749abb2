import { hash } from "node:crypto";

const BLOCK = 64;
const DIGEST = 20;
/** What is authenticated is at most a packet of sound and a few bytes. */
const MAX_BYTES = 2_048;

/**
 * HMAC-SHA1 (RFC 2104) of one key, for very many short messages: two plain hashes over buffers that are kept. A Hmac object of node's for each
 * packet costs the collector of garbage more than the hashing itself.
 */
export class AuthCode {
  readonly #inner = Buffer.alloc(BLOCK + MAX_BYTES, 0x36);
  readonly #outer = Buffer.alloc(BLOCK + DIGEST, 0x5c);

  /** The key may have 64 bytes at most. */
  constructor(key: Uint8Array) {
    for (const [at, byte] of key.entries()) {
      this.#inner[at] = byte ^ 0x36;
      this.#outer[at] = byte ^ 0x5c;
    }
  }

  /** The code of `message`, and of `more` behind it. */
  of(message: Uint8Array, more?: Uint8Array): Buffer {
    const end = BLOCK + message.length + (more?.length ?? 0);
    if (end > this.#inner.length) throw new RangeError("more than a packet of sound");
    this.#inner.set(message, BLOCK);
    if (more) this.#inner.set(more, BLOCK + message.length);
    this.#outer.set(hash("sha1", this.#inner.subarray(0, end), "buffer"), BLOCK);
    return hash("sha1", this.#outer, "buffer");
  }
}
