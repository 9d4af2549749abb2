import { createHash } from "node:crypto";

/**
 * A recording's hash chain, beside it in `<file>.chain`: a line for each five seconds, `<segment> <samples> <digest>`, where the digest is
 * SHA-256 over the digest before it and the segment's bytes as they are in the file. The last line of a recording that was finished begins
 * with "end". Who keeps the last digest can prove the whole file.
 */
const VERSION = "sitebox recording chain 1: SHA-256, 8000 Hz, 2 channels, 16 bit\n";

/** Two channels of 16 bit. */
export const BYTES_PER_SAMPLE = 4;
const SEGMENT_SAMPLES = 5 * 8_000;
export const SEGMENT_BYTES = SEGMENT_SAMPLES * BYTES_PER_SAMPLE;

export const chainFileOf = (recording: string) => `${recording}.chain`;

const firstLink = () => createHash("sha256").update(VERSION).digest();

/** Computes the chain over bytes as they come. */
export class Chain {
  #digest: Buffer = firstLink();
  #hash = createHash("sha256").update(this.#digest);
  #segment = 0;
  #bytes = 0;

  /** Bytes that were added so far. */
  get added(): number {
    return this.#segment * SEGMENT_BYTES + this.#bytes;
  }

  /** The digest of the last whole segment, hexadecimal. */
  get digest(): string {
    return this.#digest.toString("hex");
  }

  /** Adds the next bytes and gives the lines of the segments that they complete. */
  add(bytes: Uint8Array): string[] {
    const lines: string[] = [];
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + SEGMENT_BYTES - this.#bytes);
      this.#hash.update(part);
      this.#bytes += part.length;
      at += part.length;
      if (this.#bytes === SEGMENT_BYTES) lines.push(this.#close(String(this.#segment)));
    }
    return lines;
  }

  /** The last line, with what is left; `added` counts no further. */
  end(): string {
    return this.#close("end");
  }

  #close(name: string): string {
    const samples = this.#bytes / BYTES_PER_SAMPLE;
    this.#digest = this.#hash.digest();
    this.#hash = createHash("sha256").update(this.#digest);
    this.#segment++;
    this.#bytes = 0;
    return `${name} ${samples} ${this.digest}\n`;
  }
}

export interface ChainLine {
  readonly isEnd: boolean;
  readonly samples: number;
  readonly digest: string;
}

const LINE = /^(\d+|end) (\d+) ([0-9a-f]{64})$/;

/** The lines of a chain as far as they are whole and in order: a crash may have cut off the last one. */
export function parseChain(text: string): ChainLine[] {
  const lines: ChainLine[] = [];
  for (const line of text.split("\n").slice(0, -1)) {
    const [, name, samples = "", digest = ""] = LINE.exec(line) ?? [];
    const isEnd = name === "end";
    const isNext = isEnd
      ? Number(samples) < SEGMENT_SAMPLES
      : Number(name) === lines.length && Number(samples) === SEGMENT_SAMPLES;
    if (!isNext) break;
    lines.push({ isEnd, samples: Number(samples), digest });
    if (isEnd) break;
  }
  return lines;
}
