import { type FileHandle, open, readFile } from "node:fs/promises";
import { BYTES_PER_SAMPLE, Chain, type ChainLine, chainFileOf, parseChain, SEGMENT_BYTES } from "./recording-chain.ts";
import { WAV_HEADER_BYTES, WavError } from "./sound/index.ts";

/** What a recording's hash chain says of it. Times are from the recording's beginning. */
export type RecordingVerdict =
  /** All of it is as it was written, and `digest` stands for it. */
  | { readonly state: "intact"; readonly durationMs: number; readonly digest: string }
  /** It was never finished, as by a crash: so much is proven, the rest behind it is not. */
  | { readonly state: "unfinished"; readonly provenMs: number; readonly unprovenMs: number; readonly digest: string }
  /** The first part that is not as it was written; from there on nothing is proven. */
  | { readonly state: "changed"; readonly segment: number; readonly fromMs: number; readonly toMs: number }
  /** Its end is missing. */
  | { readonly state: "cut-short"; readonly provenMs: number; readonly missingMs: number }
  /** The chain is consistent, but its end is another than the one that was kept: file and chain were made anew together. */
  | { readonly state: "other-digest"; readonly digest: string }
  | { readonly state: "no-chain" };

const msOf = (bytes: number) => bytes / BYTES_PER_SAMPLE / 8;

/**
 * Checks a recording against the chain beside it, and against the digest that was kept of it where there is one.
 * Rejects with {@link WavError} where the file is no recording of ours, or with the system's error where it cannot be read.
 */
export async function verifyRecording(file: string, keptDigest?: string): Promise<RecordingVerdict> {
  const text = await readFile(chainFileOf(file), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  await using handle = await open(file, "r");
  const bytes = await dataBytes(handle);
  if (text === undefined) return { state: "no-chain" };
  const lines = parseChain(text);
  const verdict = await compare(handle, bytes, lines);
  if (keptDigest === undefined || !("digest" in verdict)) return verdict;
  return verdict.digest === keptDigest.toLowerCase() ? verdict : { state: "other-digest", digest: verdict.digest };
}

/** The digest of the last whole line of a recording's chain, where there is one. */
export async function lastDigest(file: string): Promise<string | undefined> {
  const text = await readFile(chainFileOf(file), "utf8").catch(() => "");
  return parseChain(text).at(-1)?.digest;
}

async function compare(handle: FileHandle, bytes: number, lines: readonly ChainLine[]): Promise<RecordingVerdict> {
  const chain = new Chain();
  const segment = Buffer.alloc(SEGMENT_BYTES);
  let at = 0;
  for (const [n, { isEnd, samples, digest }] of lines.entries()) {
    const length = samples * BYTES_PER_SAMPLE;
    const { bytesRead } = await handle.read(segment, 0, Math.min(length, bytes - at), WAV_HEADER_BYTES + at);
    if (bytesRead < length) {
      const whole = lines.reduce((sum, line) => sum + line.samples, 0) * BYTES_PER_SAMPLE;
      return { state: "cut-short", provenMs: msOf(at), missingMs: msOf(whole - bytes) };
    }
    chain.add(segment.subarray(0, length));
    if (isEnd) chain.end();
    if (chain.digest !== digest) return { state: "changed", segment: n, fromMs: msOf(at), toMs: msOf(at + length) };
    at += length;
  }
  const { digest } = chain;
  if (!lines.at(-1)?.isEnd) return { state: "unfinished", provenMs: msOf(at), unprovenMs: msOf(bytes - at), digest };
  if (bytes > at) return { state: "changed", segment: lines.length, fromMs: msOf(at), toMs: msOf(bytes) };
  return { state: "intact", durationMs: msOf(at), digest };
}

/** The bytes of samples that header and file agree on. */
async function dataBytes(handle: FileHandle): Promise<number> {
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  const { bytesRead } = await handle.read(header, 0, WAV_HEADER_BYTES, 0);
  const isOurs =
    bytesRead === WAV_HEADER_BYTES && header.toString("latin1", 0, 4) === "RIFF" && header.toString("latin1", 36, 40) === "data";
  if (!isOurs) throw new WavError("not a recording of this box");
  return Math.min(header.readUInt32LE(40), (await handle.stat()).size - WAV_HEADER_BYTES);
}
