import type { Socket } from "node:dgram";
import { FRAME_SAMPLES } from "@sitebox/drivers/line";
import { FrameInbox } from "./frame-inbox.ts";

const TOKEN_BYTES = 16;
const FRAME_BYTES = FRAME_SAMPLES * 2;
const ENTRY_BYTES = 4 + FRAME_BYTES;
/** Frames of one datagram, well below the largest that loopback carries. */
const MAX_ENTRIES = 100;

/** What a leg says goes to another worker under these numbers. */
interface Listener {
  readonly port: number;
  readonly link: number;
}

/**
 * Sound between legs of different workers, by datagrams over loopback: what one worker's legs say in a slot goes to another worker as one
 * datagram. The main process is not on the way, so its pauses are not heard; a worker that does not read loses sound and holds nobody up.
 * Each datagram begins with a token that only this box's workers know.
 */
export class FarLinks {
  readonly #socket: Socket;
  readonly #token: Buffer;
  readonly #inboxes = new Map<number, FrameInbox>();
  readonly #outgoing = new Map<number, { readonly datagram: Buffer; entries: number }>();

  /** The socket is bound to a loopback address, and closed by {@link close}. */
  constructor(socket: Socket, token: Uint8Array) {
    this.#socket = socket;
    this.#token = Buffer.from(token.subarray(0, TOKEN_BYTES));
    socket.on("message", (datagram) => this.#receive(datagram));
    // Nobody is told: a datagram that could not leave is sound that was lost.
    socket.on("error", () => undefined);
  }

  /** Where the other workers send to. */
  get port(): number {
    return this.#socket.address().port;
  }

  /** Opens the receiving end of a link. */
  open(link: number): FrameInbox {
    const inbox = new FrameInbox();
    this.#inboxes.set(link, inbox);
    return inbox;
  }

  forget(link: number): void {
    this.#inboxes.delete(link);
  }

  /** Puts a frame with the others that go to the same worker in this slot. */
  put({ port, link }: Listener, frame: Int16Array): void {
    let batch = this.#outgoing.get(port);
    if (batch?.entries === MAX_ENTRIES) {
      this.#send(port, batch);
      batch = undefined;
    }
    if (!batch) {
      batch = { datagram: Buffer.allocUnsafe(TOKEN_BYTES + MAX_ENTRIES * ENTRY_BYTES), entries: 0 };
      this.#token.copy(batch.datagram);
      this.#outgoing.set(port, batch);
    }
    const at = TOKEN_BYTES + batch.entries++ * ENTRY_BYTES;
    batch.datagram.writeUInt32LE(link, at);
    batch.datagram.set(new Uint8Array(frame.buffer, frame.byteOffset, FRAME_BYTES), at + 4);
  }

  /** Sends what was put since the last time. */
  flush(): void {
    for (const [port, batch] of this.#outgoing) this.#send(port, batch);
    this.#outgoing.clear();
  }

  close(): void {
    this.#socket.close();
  }

  #send(port: number, { datagram, entries }: { readonly datagram: Buffer; readonly entries: number }): void {
    this.#socket.send(datagram.subarray(0, TOKEN_BYTES + entries * ENTRY_BYTES), port, "127.0.0.1", () => undefined);
  }

  #receive(datagram: Buffer): void {
    if (datagram.length < TOKEN_BYTES || !datagram.subarray(0, TOKEN_BYTES).equals(this.#token)) return;
    for (let at = TOKEN_BYTES; at + ENTRY_BYTES <= datagram.length; at += ENTRY_BYTES) {
      const inbox = this.#inboxes.get(datagram.readUInt32LE(at));
      if (!inbox) continue;
      const frame = new Int16Array(FRAME_SAMPLES);
      datagram.copy(new Uint8Array(frame.buffer), 0, at + 4, at + ENTRY_BYTES);
      inbox.push(frame);
    }
  }
}
