import { createHash, randomBytes } from "node:crypto";
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { systemClock } from "@sitebox/core/kernel";
import { afterEach, beforeEach, expect, test } from "vitest";
import { installModels, type Progress } from "./install.ts";
import { type ModelFile, manifest } from "./manifest.ts";
import { openFileServer } from "./testing/index.ts";

const contents = { "a.bin": randomBytes(70_000), "b.bin": randomBytes(30_000) };
let folder: string;
let into: string;
let local: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "models-"));
  into = join(folder, "into");
  local = join(folder, "local");
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function filesAt(origin: (path: string) => string): readonly ModelFile[] {
  return Object.entries(contents).map(([name, bytes]) => ({
    path: `engine/${name}`,
    bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    origins: [origin(name)],
  }));
}

async function put(base: string, path: string, bytes: Buffer) {
  await mkdir(dirname(join(base, path)), { recursive: true });
  await writeFile(join(base, path), bytes);
}

const nowhere = filesAt((path) => `http://127.0.0.1:9/${path}`);
const common = () => ({
  into,
  sources: [local],
  clock: systemClock,
  signal: new AbortController().signal,
  backoff: { firstMs: 1, maxMs: 2 },
});

test("copies what a local folder has and fetches nothing", async () => {
  await put(local, "engine/a.bin", contents["a.bin"]);
  await put(local, "engine/b.bin", contents["b.bin"]);
  const installed = await installModels({ ...common(), files: nowhere });
  expect(installed.copied).toHaveLength(2);
  expect(installed.failed).toEqual([]);
  expect(await readFile(join(into, "engine/b.bin"))).toEqual(contents["b.bin"]);
  await access(join(into, "pocketsphinx-zh/COPYING"));
});

test("fetches what is missing, keeps a copy, and counts all bytes", async () => {
  await using server = await openFileServer(contents);
  const keepIn = join(folder, "cache");
  const seen: Progress[] = [];
  const installed = await installModels({
    ...common(),
    files: filesAt((path) => server.url(path)),
    keepIn,
    onProgress: (progress) => seen.push(progress),
  });
  expect(installed.fetched.map(({ path }) => path)).toEqual(["engine/a.bin", "engine/b.bin"]);
  expect(seen.at(-1)).toMatchObject({ doneBytes: 100_000, totalBytes: 100_000 });
  expect(await readFile(join(keepIn, "engine/a.bin"))).toEqual(contents["a.bin"]);
});

test("does nothing a second time", async () => {
  await put(local, "engine/a.bin", contents["a.bin"]);
  await put(local, "engine/b.bin", contents["b.bin"]);
  await installModels({ ...common(), files: nowhere });
  expect(await installModels({ ...common(), files: nowhere })).toEqual({ copied: [], fetched: [], corrupt: [], failed: [] });
});

test("replaces an installed file that has been damaged, and says so", async () => {
  await put(into, "engine/a.bin", randomBytes(70_000));
  await put(into, "engine/b.bin", contents["b.bin"]);
  await put(local, "engine/a.bin", contents["a.bin"]);
  const installed = await installModels({ ...common(), files: nowhere });
  expect(installed.corrupt).toEqual([join(into, "engine/a.bin")]);
  expect(await readFile(join(into, "engine/a.bin"))).toEqual(contents["a.bin"]);
});

test("does not take a damaged file from the local folder", async () => {
  await put(local, "engine/a.bin", randomBytes(70_000));
  const installed = await installModels({ ...common(), files: nowhere });
  expect(installed.corrupt).toEqual([join(local, "engine/a.bin")]);
  expect(installed.failed.map(({ error }) => error.fault)).toEqual(["unreachable", "unreachable"]);
  await expect(access(join(into, "engine/a.bin"))).rejects.toThrow("ENOENT");
});

test("the manifest names each file once, with a digest and an address", () => {
  expect(new Set(manifest.map(({ path }) => path)).size).toBe(manifest.length);
  for (const { sha256, origins, bytes } of manifest) {
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(bytes).toBeGreaterThan(0);
    expect(origins.every((url) => url.startsWith("https://"))).toBe(true);
  }
});
