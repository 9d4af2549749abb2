import { open, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const RATE = 8_000;
const HEADER_BYTES = 44;

function wavHeader(dataBytes: number): Buffer {
  const header = Buffer.from(
    "RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0",
    "latin1",
  );
  header.writeUInt32LE(36 + dataBytes, 4);
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

/** A wav file of a steady tone (0 Hz is silence), 8 kHz mono, long enough for a call of a test. */
export async function toneFile(folder: string, hertz: number, seconds = 300): Promise<string> {
  const file = join(folder, `tone-${hertz}.wav`);
  const samples = Int16Array.from({ length: RATE * seconds }, (_, i) =>
    Math.round(6_000 * Math.sin((2 * Math.PI * hertz * i) / RATE)),
  );
  await writeFile(file, Buffer.concat([wavHeader(samples.byteLength), Buffer.from(samples.buffer)]));
  return file;
}

/** How strong a tone is in the samples: 1 is a full-scale sine (Goertzel). */
function levelOf(samples: Int16Array, hertz: number, rate: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hertz) / rate);
  let [s1, s2] = [0, 0];
  for (const sample of samples) [s1, s2] = [sample / 32_768 + turn * s1 - s2, s1];
  return (2 * Math.sqrt(Math.max(0, s1 * s1 + s2 * s2 - turn * s1 * s2))) / Math.max(1, samples.length);
}

const AUDIBLE = 0.02;
/** So much of the newest sound is listened to. */
const WINDOW_MS = 400;
const LOOK_MS = 50;
const GIVE_UP_MS = 30_000;

/** Listens to a wav file (16 bit) that a telephone is still writing. */
export class Ear {
  readonly #file: () => Promise<string | undefined>;

  constructor(file: () => Promise<string | undefined>) {
    this.#file = file;
  }

  /** The tones, of those asked about, that are in the newest sound; nothing while there is no sound yet. */
  async tones(among: readonly number[]): Promise<readonly number[] | undefined> {
    const name = await this.#file();
    const { size } = (name !== undefined && (await stat(name).catch(() => undefined))) || { size: 0 };
    if (name === undefined || size <= HEADER_BYTES) return undefined;
    await using file = await open(name);
    const header = Buffer.alloc(HEADER_BYTES);
    await file.read(header, 0, HEADER_BYTES, 0);
    const channels = header.readUInt16LE(22) || 1;
    const rate = header.readUInt32LE(24) || RATE;
    const frameBytes = 2 * channels;
    const wanted = Math.round((rate * WINDOW_MS) / 1_000) * frameBytes;
    const end = HEADER_BYTES + Math.floor((size - HEADER_BYTES) / frameBytes) * frameBytes;
    if (end - wanted < HEADER_BYTES) return undefined;
    const bytes = Buffer.alloc(wanted);
    await file.read(bytes, 0, wanted, end - wanted);
    const samples = Int16Array.from({ length: wanted / frameBytes }, (_, i) => bytes.readInt16LE(i * frameBytes));
    return among.filter((hertz) => levelOf(samples, hertz, rate) > AUDIBLE);
  }

  /** Resolves when exactly these tones of `among` are heard, twice in a row; rejects with what was heard instead. */
  async hearsOnly(wanted: readonly number[], among: readonly number[]): Promise<void> {
    const deadline = Date.now() + GIVE_UP_MS;
    let heard: readonly number[] | undefined;
    for (let inRow = 0; Date.now() < deadline; ) {
      heard = await this.tones(among);
      const right = heard !== undefined && among.every((hertz) => heard?.includes(hertz) === wanted.includes(hertz));
      inRow = right ? inRow + 1 : 0;
      if (inRow > WINDOW_MS / LOOK_MS) return;
      await pause(LOOK_MS);
    }
    throw new Error(`expected to hear [${wanted.join(", ")}] Hz and heard ${heard ? `[${heard.join(", ")}]` : "nothing"}`);
  }
}

/** The whole of a finished wav file, one array of samples for each channel. */
export async function readChannels(file: string): Promise<readonly Int16Array[]> {
  const bytes = await readFile(file);
  const channels = bytes.readUInt16LE(22);
  const frames = Math.floor((bytes.length - HEADER_BYTES) / (2 * channels));
  return Array.from({ length: channels }, (_, channel) =>
    Int16Array.from({ length: frames }, (_, i) => bytes.readInt16LE(HEADER_BYTES + 2 * (i * channels + channel))),
  );
}

/** Whether a tone is to be heard anywhere in the samples, judged in pieces of 400 ms. */
export function hasTone(samples: Int16Array, hertz: number, rate = RATE): boolean {
  const length = Math.round((rate * WINDOW_MS) / 1_000);
  for (let at = 0; at + length <= samples.length; at += length)
    if (levelOf(samples.subarray(at, at + length), hertz, rate) > AUDIBLE) return true;
  return false;
}
