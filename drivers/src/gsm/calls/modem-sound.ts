import { Channel, type Clock, type Log } from "@sitebox/core/kernel";
import {
  type AudioCounts,
  type AudioPort,
  type ByteStream,
  FRAME_BYTES,
  FRAME_SAMPLES,
  Framer,
  putSamples,
} from "../../line/index.ts";
import { PlayOut } from "./play-out.ts";

const FRAME_MS = 20;
/** Behind the arrival of sound, so that what comes a little later than usual is still in time. */
const SLACK_MS = 6;
/** 160 ms: a burst of 100 ms and what is left of the one before. */
const MOST_HEARD = 8;
/** A second: a writer that does not pace itself loses its oldest frames. */
const MOST_SAID = 50;
/** A reader who comes late, or was away, finds this much of what was said before: 200 ms. */
const MOST_UNREAD = 10;
/** Pieces that may wait for the modem; while it takes none, further ones are dropped, or they would all come late. */
const MOST_UNSENT = 2;
/** How far behind its deadlines writing is made up for. What is later, the modem has filled with silence: more would only delay the rest. */
const MAKE_UP_MS = 40;
const REOPEN_AFTER_MS = 200;

export interface ModemSoundDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Opens the modem's port for sound: 8 kHz, signed 16 bit little endian. */
  readonly open: () => Promise<ByteStream>;
  /** Bytes of one piece of sound as the modem wants them written; whole frames. */
  readonly writeBytes: number;
  /** Hears each frame as it comes, before it waits to be played. */
  readonly onHeard: (frame: Int16Array) => void;
  /** The port is gone and could not be opened again. */
  readonly onLost: (reason: unknown) => void;
}

/** What became of the sound so far. */
export interface SoundCounts extends AudioCounts {
  /** Whether sound was to flow both ways at all. */
  readonly talked: boolean;
  /** How often the port was opened again. */
  readonly reopened: number;
}

/**
 * The sound of a modem's call. What comes is cut into frames and given out every 20 ms on absolute deadlines, the first of them just behind
 * the first sound. What is written goes out on the same deadlines, silence between, so that the modem never plays an old piece again.
 *
 * The goal is one frame each way: of a modem that is even, a frame is given out {@link SLACK_MS} after its last byte, and one that is written
 * goes out within 20 ms; {@link PlayOut} says what unevenness adds.
 *
 * A frame that cannot be written is dropped. A port that is lost is opened once more, with silence meanwhile.
 */
export class ModemSound implements AudioPort {
  readonly #deps: ModemSoundDeps;
  readonly #frames = new Channel<Int16Array>(MOST_UNREAD);
  readonly #heard = new PlayOut(MOST_HEARD);
  readonly #said = new PlayOut(MOST_SAID);
  readonly #inserted: Int16Array[] = [];
  readonly #piece: Uint8Array;
  #pieceFilled = 0;
  #stream: ByteStream | undefined;
  #reading: Promise<void> | undefined;
  #timer: Disposable | undefined;
  #nextAt = 0;
  #aligned = false;
  #talking = false;
  /** When sound came last, or was to come from. */
  #cameAt = 0;
  readonly #unsent: Uint8Array[] = [];
  #sending = false;
  #came = 0;
  #filled = 0;
  #unwritten = 0;
  #reopened = 0;
  readonly #closing = new AbortController();

  constructor(deps: ModemSoundDeps) {
    this.#deps = deps;
    this.#piece = new Uint8Array(Math.max(1, Math.round(deps.writeBytes / FRAME_BYTES)) * FRAME_BYTES);
  }

  get frames(): AsyncIterable<Int16Array> {
    return this.#frames;
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  get counts(): SoundCounts {
    return {
      talked: this.#talking,
      came: this.#came,
      filled: this.#filled,
      dropped: this.#heard.dropped,
      unsaid: this.#said.dropped + this.#unwritten,
      reopened: this.#reopened,
      ...(this.#talking && { quietMs: Math.round(this.#deps.clock.monotonic() - this.#cameAt) }),
    };
  }

  /** Opens the port and lets be heard what comes; nothing is written yet. Rejects with LineError where it cannot be opened. */
  async open(): Promise<void> {
    if (this.#stream || this.#closed) return;
    const stream = await this.#deps.open();
    if (this.#closed) return await stream[Symbol.asyncDispose]();
    this.#stream = stream;
    this.#reading = this.#read(stream);
    this.#nextAt = this.#deps.clock.monotonic();
    this.#tick();
  }

  /** From now on sound is written, too: earlier it would stand in the port and delay all that follows. */
  talk(): void {
    this.#talking = true;
    this.#cameAt = this.#deps.clock.monotonic();
  }

  write(frame: Int16Array): void {
    if (this.#talking && !this.#closed) this.#said.push(frame);
  }

  /** Says these in place of all that is written until they are over. */
  insert(frames: readonly Int16Array[]): void {
    this.#inserted.push(...frames);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closing.abort();
    this.#timer?.[Symbol.dispose]();
    this.#frames.close();
    await this.#stream?.[Symbol.asyncDispose]();
    await this.#reading;
  }

  async #read(first: ByteStream): Promise<void> {
    for (let stream: ByteStream | undefined = first; stream; ) {
      const reason = await this.#hearAll(stream);
      if (this.#closed) return;
      if (this.#reopened > 0) return this.#deps.onLost(reason);
      stream = await this.#openAgain(stream, reason);
    }
  }

  /** Answers why it ended. */
  async #hearAll(stream: ByteStream): Promise<unknown> {
    const framer = new Framer();
    try {
      for await (const bytes of stream.chunks) for (const frame of framer.cut(bytes)) this.#hear(frame);
      return undefined;
    } catch (err) {
      return err;
    }
  }

  async #openAgain(gone: ByteStream, reason: unknown): Promise<ByteStream | undefined> {
    this.#deps.log.warn("the port for sound was lost in a call, opening it again", { err: reason });
    this.#reopened += 1;
    this.#stream = undefined;
    try {
      await gone[Symbol.asyncDispose]();
      await this.#deps.clock.sleep(REOPEN_AFTER_MS, this.#closing.signal);
      const stream = await this.#deps.open();
      if (this.#closed) {
        await stream[Symbol.asyncDispose]();
        return undefined;
      }
      this.#aligned = false;
      this.#stream = stream;
      return stream;
    } catch (err) {
      if (!this.#closed) this.#deps.onLost(err);
      return undefined;
    }
  }

  #hear(frame: Int16Array): void {
    if (this.#closed) return;
    this.#came += 1;
    this.#cameAt = this.#deps.clock.monotonic();
    this.#deps.onHeard(frame);
    this.#heard.push(frame);
    if (this.#aligned) return;
    this.#aligned = true;
    this.#nextAt = this.#deps.clock.monotonic() + SLACK_MS;
    this.#schedule();
  }

  /** One frame each way. Behind time it comes again at once, but reading goes on in between. */
  #tick(): void {
    const lateMs = this.#deps.clock.monotonic() - this.#nextAt;
    const frame = this.#heard.take();
    if (!frame && this.#talking) this.#filled += 1;
    this.#frames.push(frame ?? new Int16Array(FRAME_SAMPLES));
    if (this.#talking && lateMs <= MAKE_UP_MS) {
      const said = this.#said.take();
      this.#say(this.#inserted.shift() ?? said);
    }
    this.#nextAt += FRAME_MS;
    this.#schedule();
  }

  #schedule(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#deps.clock.after(Math.max(0, this.#nextAt - this.#deps.clock.monotonic()), () => this.#tick());
  }

  #say(frame: Int16Array | undefined): void {
    if (frame) putSamples(frame, this.#piece, this.#pieceFilled);
    else this.#piece.fill(0, this.#pieceFilled, this.#pieceFilled + FRAME_BYTES);
    this.#pieceFilled += FRAME_BYTES;
    if (this.#pieceFilled < this.#piece.length) return;
    this.#pieceFilled = 0;
    if (this.#unsent.length >= MOST_UNSENT || !this.#stream) this.#unwritten += this.#piece.length / FRAME_BYTES;
    else this.#unsent.push(this.#piece.slice());
    void this.#send();
  }

  /** Writes piece by piece, as two writes at once could mix their bytes up. */
  async #send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    for (let piece = this.#unsent.shift(); piece; piece = this.#unsent.shift())
      try {
        await this.#stream?.write(piece);
      } catch {
        this.#unwritten += piece.length / FRAME_BYTES;
      }
    this.#sending = false;
  }
}
