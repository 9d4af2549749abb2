import { constants } from "node:fs";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type DownloadDeps, download } from "./download.ts";
import { ModelError } from "./errors.ts";
import { licences, type ModelFile, manifest } from "./manifest.ts";
import { stateOf, verifyModels } from "./verify.ts";

export interface InstallOptions extends Omit<DownloadDeps, "onBytes"> {
  /** The models folder to fill. */
  readonly into: string;
  /** Folders of the same layout that are looked into before anything is fetched. */
  readonly sources: readonly string[];
  /** A folder of the same layout that keeps a copy of what was fetched. */
  readonly keepIn?: string;
  readonly files?: readonly ModelFile[];
  /** Bytes that have arrived of all that had to be fetched, and the file they belong to. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly file: ModelFile;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface Installed {
  readonly copied: readonly ModelFile[];
  readonly fetched: readonly ModelFile[];
  /** Files of that name that were there but are not the right ones, and from where. */
  readonly corrupt: readonly string[];
  readonly failed: readonly { readonly file: ModelFile; readonly error: ModelError }[];
}

/** Brings every file of the manifest into the folder: from there, else from a local source, else from its origin. Checks each by SHA-256. */
export async function installModels(options: InstallOptions): Promise<Installed> {
  const { into, sources, signal } = options;
  const wanted = await verifyModels(into, options.files ?? manifest);
  const corrupt = wanted.filter(({ state }) => state === "corrupt").map(({ file }) => join(into, file.path));
  const copied: ModelFile[] = [];
  const toFetch: ModelFile[] = [];
  for (const { file } of wanted) {
    signal.throwIfAborted();
    const source = await wholeIn(sources, file, corrupt);
    if (source === undefined) toFetch.push(file);
    else {
      await copy(source, join(into, file.path));
      copied.push(file);
    }
  }
  const { fetched, failed } = await fetchAll(toFetch, options);
  if (copied.length + fetched.length > 0) await copyLicences(into);
  return { copied, fetched, corrupt, failed };
}

async function wholeIn(sources: readonly string[], file: ModelFile, corrupt: string[]): Promise<string | undefined> {
  for (const source of sources) {
    const path = join(source, file.path);
    const state = await stateOf(path, file);
    if (state === "whole") return path;
    if (state === "corrupt") corrupt.push(path);
  }
  return undefined;
}

async function fetchAll(files: readonly ModelFile[], options: InstallOptions): Promise<Pick<Installed, "fetched" | "failed">> {
  const totalBytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const fetched: ModelFile[] = [];
  const failed: { file: ModelFile; error: ModelError }[] = [];
  let doneBytes = 0;
  for (const file of files) {
    options.signal.throwIfAborted();
    // Once an origin is out of reach, the rest of its files would only cost the same wait again.
    const lost = failed.find(({ file: other, error }) => error.fault === "unreachable" && sameHosts(other, file));
    try {
      if (lost) throw lost.error;
      const target = join(options.into, file.path);
      await download(file, target, {
        ...options,
        onBytes: (bytes) => options.onProgress?.({ file, doneBytes: doneBytes + bytes, totalBytes }),
      });
      if (options.keepIn) await copy(target, join(options.keepIn, file.path));
      fetched.push(file);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      failed.push({ file, error });
    }
    doneBytes += file.bytes;
  }
  return { fetched, failed };
}

function sameHosts(a: ModelFile, b: ModelFile): boolean {
  const hosts = new Set(a.origins.map((url) => new URL(url).host));
  return b.origins.every((url) => hosts.has(new URL(url).host));
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const half = `${to}.${process.pid}.copy`;
  try {
    await copyFile(from, half, constants.COPYFILE_FICLONE);
    await rename(half, to);
  } finally {
    await rm(half, { force: true });
  }
}

async function copyLicences(into: string): Promise<void> {
  for (const { from, path } of licences) {
    await copy(join(import.meta.dirname, "licences", from), join(into, path));
  }
}
