/**
 * Watches the lengths that MQTT packets announce (MQTT 3.1.1 2.2.3: a type byte, then up to four bytes of length, seven bits each).
 * The broker's parser gathers a whole packet before anybody looks at it, up to 256 MB of it.
 */
export class LengthGuard {
  readonly #mostBytes: number;
  /** Bytes of the present packet's content that are still to come. */
  #left = 0;
  #part: "type" | "length" | "content" = "type";
  #length = 0;
  #shift = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Takes the next bytes, cut anywhere. False once a packet is longer than allowed, or its length is none. */
  take(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length; ) {
      if (this.#part === "content") {
        const taken = Math.min(this.#left, chunk.length - at);
        at += taken;
        this.#left -= taken;
        if (this.#left === 0) this.#part = "type";
        continue;
      }
      const byte = chunk[at] ?? 0;
      at++;
      if (this.#part === "type") {
        this.#part = "length";
        this.#length = 0;
        this.#shift = 0;
        continue;
      }
      this.#length += (byte & 0x7f) * 2 ** this.#shift;
      this.#shift += 7;
      if (this.#length > this.#mostBytes || this.#shift > 28) return false;
      if (byte & 0x80) continue;
      this.#left = this.#length;
      this.#part = this.#left === 0 ? "type" : "content";
    }
    return true;
  }
}
