import { type FileHandle, open } from "node:fs/promises";
import { FRAME_SAMPLES } from "@sitebox/drivers/line";
import type { Recorded } from "../media.ts";
import { Chain, chainFileOf } from "../recording-chain.ts";
import { WAV_HEADER_BYTES, wavHeader } from "../sound/index.ts";

const SLOTS_PER_BLOCK = 50;
const BLOCK_SAMPLES = SLOTS_PER_BLOCK * FRAME_SAMPLES * 2;
/** Blocks that may wait for a slow disk; past this they are dropped, and their time stays silent in the file. */
const MAX_WAITING = 60;

interface Deps {
  /** Runs disk jobs one after the other, so that many recordings do not fill the process's thread pool with fsync. */
  readonly disk: DiskQueue;
  readonly onFailure: (error: unknown) => void;
}

/** One queue of disk jobs a worker. */
export class DiskQueue {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(job: () => Promise<T>): Promise<T> {
    const next = this.#last.then(job);
    this.#last = next.catch(() => undefined);
    return next;
  }
}

/**
 * A two-channel wav written by time slot: a slot's place in the file follows from its number alone, whatever was late or never came.
 * Each second is written with a header that fits it, so a file that was cut off by a crash is a valid one that misses a second. Each
 * segment of the hash chain is on disk before its line is.
 */
export class RecordingFile {
  readonly #file: string;
  readonly #deps: Deps;
  readonly #firstSlot: number;
  #handle: FileHandle | undefined;
  #chainHandle: FileHandle | undefined;
  readonly #chain = new Chain();
  /** While paused both channels are silence, and time goes on. */
  paused = false;
  #block = new Int16Array(BLOCK_SAMPLES);
  #blockNumber = 0;
  #slots = 0;
  #waiting = 0;
  #written = 0;
  #failed = false;
  #finished: Promise<Recorded> | undefined;

  constructor(file: string, firstSlot: number, deps: Deps) {
    this.#file = file;
    this.#firstSlot = firstSlot;
    this.#deps = deps;
  }

  /** Creates the file. Slots may be put before that; rejects with the system's error. */
  open(): Promise<void> {
    return this.#deps.disk.run(async () => {
      this.#handle = await open(this.#file, "w+");
      this.#chainHandle = await open(chainFileOf(this.#file), "w");
      await this.#handle.write(wavHeader(8_000, 2, 0), 0, WAV_HEADER_BYTES, 0);
    });
  }

  /** Sets one slot: left is what the far end says, right what it hears. */
  put(slot: number, left: Int16Array, right: Int16Array): void {
    if (this.#finished || slot < this.#firstSlot) return;
    const index = slot - this.#firstSlot;
    const blockNumber = Math.floor(index / SLOTS_PER_BLOCK);
    if (blockNumber > this.#blockNumber) this.#nextBlock(blockNumber);
    const at = (index % SLOTS_PER_BLOCK) * FRAME_SAMPLES * 2;
    for (let i = 0; i < FRAME_SAMPLES && !this.paused; i++) {
      this.#block[at + 2 * i] = left[i] ?? 0;
      this.#block[at + 2 * i + 1] = right[i] ?? 0;
    }
    this.#slots = index + 1;
  }

  /** Finishes the file and tells what is on disk. A second call gives the same. */
  finish(): Promise<Recorded> {
    this.#finished ??= this.#finish();
    return this.#finished;
  }

  #nextBlock(blockNumber: number): void {
    this.#write(this.#blockNumber, this.#block);
    this.#block = new Int16Array(BLOCK_SAMPLES);
    this.#blockNumber = blockNumber;
  }

  #write(blockNumber: number, samples: Int16Array): void {
    if (this.#waiting >= MAX_WAITING) {
      this.#fail(new Error("the disk does not keep up with the recording"));
      return;
    }
    this.#waiting++;
    this.#deps.disk
      .run(() => this.#store(blockNumber * BLOCK_SAMPLES * 2, samples))
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#waiting--);
  }

  async #store(at: number, samples: Int16Array): Promise<void> {
    const handle = this.#handle;
    if (!handle) return;
    const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, WAV_HEADER_BYTES + at + done);
      done += bytesWritten;
    }
    this.#written = Math.max(this.#written, at + bytes.length);
    await handle.write(wavHeader(8_000, 2, this.#written), 0, WAV_HEADER_BYTES, 0);
    const lines = [...(await this.#chainGap(handle, at)), ...this.#chain.add(bytes)];
    if (lines.length > 0) await this.#storeLines(handle, lines);
  }

  /** Takes into the chain what is in the file where blocks were skipped or could not be written. */
  async #chainGap(handle: FileHandle, upTo: number): Promise<string[]> {
    const lines: string[] = [];
    while (this.#chain.added < upTo) {
      const found = Buffer.alloc(Math.min(2 * BLOCK_SAMPLES, upTo - this.#chain.added));
      await handle.read(found, 0, found.length, WAV_HEADER_BYTES + this.#chain.added);
      lines.push(...this.#chain.add(found));
    }
    return lines;
  }

  async #storeLines(handle: FileHandle, lines: readonly string[]): Promise<void> {
    await handle.datasync();
    await this.#chainHandle?.appendFile(lines.join(""));
    await this.#chainHandle?.datasync();
  }

  /** Tells of the first failure only; a full disk would otherwise be told every second. */
  #fail(error: unknown): void {
    if (!this.#failed) this.#deps.onFailure(error);
    this.#failed = true;
  }

  async #finish(): Promise<Recorded> {
    const inBlock = this.#slots - this.#blockNumber * SLOTS_PER_BLOCK;
    if (inBlock > 0) this.#write(this.#blockNumber, this.#block.subarray(0, inBlock * FRAME_SAMPLES * 2));
    await this.#deps.disk.run(() => this.#end()).catch((error: unknown) => this.#fail(error));
    return { durationMs: this.#written / 32, bytes: WAV_HEADER_BYTES + this.#written, digest: this.#chain.digest };
  }

  async #end(): Promise<void> {
    const [handle, chainHandle] = [this.#handle, this.#chainHandle];
    if (!handle) return;
    try {
      await this.#storeLines(handle, [...(await this.#chainGap(handle, this.#written)), this.#chain.end()]);
    } finally {
      await handle.close();
      await chainHandle?.close();
    }
  }
}
