import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "@sitebox/core/kernel";
import type { Pcm8k } from "../media/index.ts";
import type { Language } from "./seams/index.ts";

/** Rendered texts kept in memory: about ten minutes of sound. */
const KEPT_BYTES = 10 << 20;

/** Rendered texts: fixed ones on disk for good, all of them in memory while there is room. */
export class VoiceCache {
  readonly #folder: string;
  readonly #log: Log;
  /** In the order of their last use. */
  readonly #kept = new Map<string, Pcm8k>();
  #keptBytes = 0;

  constructor({ folder, log }: { readonly folder: string; readonly log: Log }) {
    this.#folder = folder;
    this.#log = log;
  }

  async find(voice: string, text: string, language: Language): Promise<Pcm8k | undefined> {
    const key = keyOf(voice, text, language);
    const kept = this.#kept.get(key);
    if (kept) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return kept;
    }
    const file = await readFile(join(this.#folder, key)).catch(() => undefined);
    if (!file || file.length === 0 || file.length % 2 !== 0) return undefined;
    const samples = new Int16Array(file.length / 2);
    file.copy(new Uint8Array(samples.buffer));
    this.#remember(key, samples);
    return samples;
  }

  remember(voice: string, text: string, language: Language, samples: Pcm8k): void {
    this.#remember(keyOf(voice, text, language), samples);
  }

  /** Keeps a fixed text for good. A disk that is full costs only the next rendering. */
  async store(voice: string, text: string, language: Language, samples: Pcm8k): Promise<void> {
    const key = keyOf(voice, text, language);
    this.#remember(key, samples);
    const unfinished = join(this.#folder, `${key}.${randomUUID()}`);
    try {
      await mkdir(this.#folder, { recursive: true });
      await writeFile(unfinished, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
      await rename(unfinished, join(this.#folder, key));
    } catch (err) {
      this.#log.warn("a rendered text cannot be kept on disk", { err });
    }
  }

  #remember(key: string, samples: Pcm8k): void {
    if (this.#kept.has(key)) return;
    this.#kept.set(key, samples);
    this.#keptBytes += samples.byteLength;
    for (const [oldest, sound] of this.#kept) {
      if (this.#keptBytes <= KEPT_BYTES) break;
      this.#kept.delete(oldest);
      this.#keptBytes -= sound.byteLength;
    }
  }
}

function keyOf(voice: string, text: string, language: Language): string {
  return `${createHash("sha256").update([voice, language, text].join("\0")).digest("hex")}.pcm`;
}
