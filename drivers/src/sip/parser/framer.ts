import { bodyStart, contentLength, headersOf, MAX_MESSAGE_BYTES } from "./parse.ts";

export type Frame =
  | { readonly type: "message"; readonly bytes: Uint8Array }
  /** Two empty lines between messages: the peer asks whether we are there (RFC 5626 §4.4.1). */
  | { readonly type: "ping" }
  /** Nothing behind this point can be read: the connection is to be closed. */
  | { readonly type: "broken"; readonly reason: string; readonly bytes: Uint8Array };

/** Cuts a byte stream into messages by their Content-Length (RFC 3261 §18.3). Single use: a new connection has a new framer. */
export class StreamFramer {
  #pending: Buffer = Buffer.alloc(0);
  #broken = false;

  /** Takes the next bytes, however they were cut, and gives what is complete. */
  push(chunk: Uint8Array): readonly Frame[] {
    if (this.#broken) return [];
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    if (this.#broken || this.#pending.length === 0) return undefined;
    if (this.#pending[0] === 13 || this.#pending[0] === 10) return this.#emptyLines();
    const start = bodyStart(this.#pending);
    if (start < 0) return this.#pending.length > MAX_MESSAGE_BYTES ? this.#break("a head longer than 64 KB") : undefined;
    const length = contentLength(headersOf(this.#pending.subarray(0, start)));
    // On a stream nothing else says where the message ends (RFC 3261 §20.14).
    if (length === undefined || Number.isNaN(length)) return this.#break("no readable Content-Length");
    if (start + length > MAX_MESSAGE_BYTES) return this.#break("a message longer than 64 KB");
    return this.#pending.length < start + length ? undefined : { type: "message", bytes: this.#take(start + length) };
  }

  #emptyLines(): Frame | undefined {
    const text = this.#pending.subarray(0, 4).toString("latin1");
    if (text === "\r\n\r\n") {
      this.#take(4);
      return { type: "ping" };
    }
    if ("\r\n\r\n".startsWith(text)) return undefined;
    if (!text.startsWith("\r\n")) return this.#break("not a SIP stream");
    this.#take(2);
    return this.#next();
  }

  #take(length: number): Uint8Array {
    const bytes = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    return bytes;
  }

  #break(reason: string): Frame {
    this.#broken = true;
    return { type: "broken", reason, bytes: this.#take(this.#pending.length) };
  }
}
