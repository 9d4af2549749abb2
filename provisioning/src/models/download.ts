import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { type Backoff, type Clock, retry } from "@sitebox/core/kernel";
import { ModelError } from "./errors.ts";
import type { ModelFile } from "./manifest.ts";
import { stateOf } from "./verify.ts";

export interface DownloadDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told the length that is on disk, each time it has grown. */
  readonly onBytes?: (bytes: number) => void;
  /** Attempts in a row that may bring nothing before an origin is given up; each goes on where the last one stopped. */
  readonly attempts?: number;
  readonly backoff?: Backoff;
  /** An origin that sends nothing for this long is given up for this attempt. */
  readonly silentMs?: number;
}

/** What one attempt came to; a broken connection is thrown instead. */
type Attempt = "complete" | { readonly refused: string };

/** `bytes 100-199/200` → 100 (RFC 9110 §14.4). */
function rangeStart(header: string | null): number | undefined {
  const [, first] = /^bytes (\d+)-/.exec(header ?? "") ?? [];
  return first === undefined ? undefined : Number(first);
}

async function attempt(url: string, part: string, file: ModelFile, deps: DownloadDeps, signal: AbortSignal): Promise<Attempt> {
  const have = await lengthOf(part);
  if (have === file.bytes) return "complete";
  if (have > file.bytes) {
    await rm(part);
    return attempt(url, part, file, deps, signal);
  }
  const silence = new AbortController();
  const silentMs = deps.silentMs ?? 30_000;
  const giveUp = () => silence.abort(new Error(`nothing came for ${silentMs} ms`));
  let timer = deps.clock.after(silentMs, giveUp);
  try {
    const response = await fetch(url, {
      headers: have > 0 ? { range: `bytes=${have}-` } : {},
      signal: AbortSignal.any([signal, silence.signal]),
    });
    const resumed = response.status === 206 && rangeStart(response.headers.get("content-range")) === have;
    if (!(resumed || response.status === 200) || response.body === null) {
      await response.body?.cancel();
      // 5xx and 429 pass; 416 and an unasked-for range mean that the part is no beginning of what is there now.
      if (response.status === 416 || response.status === 206) await rm(part, { force: true });
      else if (response.status < 500 && response.status !== 429) return { refused: `HTTP ${response.status}` };
      throw new Error(`HTTP ${response.status}`);
    }
    let bytes = resumed ? have : 0;
    await using output = await open(part, resumed ? "a" : "w");
    // Each piece is on disk before the next is read, so that a cut costs nothing that had arrived.
    for await (const piece of response.body) {
      timer[Symbol.dispose]();
      timer = deps.clock.after(silentMs, giveUp);
      bytes += piece.byteLength;
      if (bytes > file.bytes) throw new ModelError("checksum", `${url} is longer than the ${file.bytes} bytes it should have`);
      await output.appendFile(piece);
      deps.onBytes?.(bytes);
    }
    if (bytes < file.bytes) throw new Error(`${url} ended after ${bytes} of ${file.bytes} bytes`);
    return "complete";
  } finally {
    timer[Symbol.dispose]();
  }
}

/**
 * Fetches one file to `target` by way of `<target>.part`, which a later call goes on with (RFC 9110 §14 ranges).
 * Nothing is at `target` until its length and digest are right.
 * @throws {ModelError} when no origin gives the file.
 */
export async function download(file: ModelFile, target: string, deps: DownloadDeps): Promise<void> {
  const part = `${target}.part`;
  await mkdir(dirname(target), { recursive: true });
  const failures: ModelError[] = [];
  for (const url of file.origins) {
    try {
      await fromOrigin(url, file, part, deps);
      await rename(part, target);
      return;
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      failures.push(error);
      // What a wrong file left behind must not be the beginning of the next attempt.
      if (error.fault === "checksum") await rm(part, { force: true });
    }
  }
  throw failures.at(-1) ?? new ModelError("unreachable", `${file.path} has no origin`);
}

async function fromOrigin(url: string, file: ModelFile, part: string, deps: DownloadDeps): Promise<void> {
  const { clock, signal } = deps;
  let wrong: ModelError | undefined;
  const once = async (inner: AbortSignal): Promise<Attempt> => {
    try {
      return await attempt(url, part, file, deps, inner);
    } catch (error) {
      // A file of the wrong length does not become right by asking again; a broken connection may.
      if (!(error instanceof ModelError)) throw error;
      wrong = error;
      return { refused: error.message };
    }
  };
  for (;;) {
    const before = await lengthOf(part);
    try {
      const outcome = await retry(once, {
        clock,
        signal,
        times: deps.attempts ?? 3,
        ...(deps.backoff && { backoff: deps.backoff }),
      });
      if (wrong !== undefined) throw wrong;
      if (outcome !== "complete") throw new ModelError("refused", `${url}: ${outcome.refused}`);
      break;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ModelError) throw error;
      if ((await lengthOf(part)) <= before) throw unreachable(url, error);
    }
  }
  if ((await stateOf(part, file)) !== "whole") throw new ModelError("checksum", `${url} is not the file that the manifest names`);
}

async function lengthOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

function unreachable(url: string, cause: unknown): ModelError {
  return new ModelError("unreachable", `${url}: ${reasonOf(cause)}`, { cause });
}

/** `fetch` hides the reason that people need in `cause`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
