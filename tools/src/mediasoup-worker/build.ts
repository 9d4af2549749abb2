/**
 * Builds mediasoup's worker from the npm package's own sources and Debian's libraries, once a machine.
 *
 *     node tools/src/mediasoup-worker/build.ts
 *
 * Needs: g++ ninja-build pkg-config libuv1-dev libssl-dev libsrtp2-dev libflatbuffers-dev flatbuffers-compiler.
 * The result is `.cache/mediasoup-worker/mediasoup-worker`; a copy goes to the user's cache, so that the next checkout need not build.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { exists, projectRoot, readTools } from "../config.ts";
import { compileFlags, linkFlags, ninjaFile, patches, schemaFlags, sourcesOf } from "./recipe.ts";

const include = join(import.meta.dirname, "include");
const worker = join(projectRoot, "node_modules/mediasoup/worker");
const cache = join(projectRoot, ".cache/mediasoup-worker");

/** Mediasoup's version, the distribution, the machine and a digest of the recipe: a worker of another kind is another file. */
async function cacheKey(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(projectRoot, "node_modules/mediasoup/package.json"), "utf8")) as {
    version: string;
  };
  const release = await readFile("/etc/os-release", "utf8");
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)`, "m").exec(release)?.[1] ?? "";
  const digest = createHash("sha256").update(JSON.stringify([patches, compileFlags, linkFlags, schemaFlags]));
  for (const header of ["srtp.h", "ankerl/unordered_dense.h"]) {
    digest.update(await readFile(join(include, header)));
  }
  return `${version}-${field("ID")}${field("VERSION_ID")}-${process.arch}-${digest.digest("hex").slice(0, 8)}`;
}

function run(command: string, args: readonly string[], cwd: string): void {
  const result = spawnSync(command, args, { cwd, stdio: ["ignore", "inherit", "inherit"] });
  if (result.error !== undefined) {
    throw new Error(`${command} could not be started: is its Debian package installed (tools/setup/apt-packages.txt)?`, {
      cause: result.error,
    });
  }
  if (result.status !== 0) {
    throw new Error(`${command} ended with ${result.status ?? result.signal}`);
  }
}

/** Compiles in `folder`, which may hold the objects of an interrupted build. Takes about four minutes on two cores. */
async function compile(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const schemas = (await readdir(join(worker, "fbs")))
    .filter((name) => name.endsWith(".fbs"))
    .map((name) => join(worker, "fbs", name));
  run("flatc", [...schemaFlags, "-o", join(folder, "FBS"), ...schemas], folder);
  const patched = join(folder, "patched");
  for (const { file, from, to } of patches) {
    const text = await readFile(join(worker, file), "utf8");
    if (!text.includes(from)) {
      throw new Error(
        `${file} no longer has the line to change (${from}): look whether mediasoup has mended it and drop the patch`,
      );
    }
    await mkdir(join(patched, file, ".."), { recursive: true });
    await writeFile(join(patched, file), text.replace(from, to));
  }
  const sources = sourcesOf(await readFile(join(worker, "meson.build"), "utf8"));
  await writeFile(join(folder, "build.ninja"), ninjaFile(sources, { worker, include, patched }));
  run("ninja", ["-j", String(availableParallelism())], folder);
  return join(folder, "mediasoup-worker");
}

/** The worker started by hand refuses to run and says why; a binary that cannot even load its libraries does not get that far. */
function assertStarts(binary: string): void {
  const { status, signal, error, stderr } = spawnSync(binary, [], { encoding: "utf8", timeout: 10_000, env: {} });
  if (error !== undefined || signal !== null || status === 127) {
    throw new Error(`the worker does not start (${error?.message ?? signal ?? stderr.trim()})`);
  }
}

async function install(from: string, to: string): Promise<void> {
  await mkdir(join(to, ".."), { recursive: true });
  const half = `${to}.${process.pid}.part`;
  await copyFile(from, half);
  await rename(half, to);
}

async function main(): Promise<void> {
  const key = await cacheKey();
  const here = join(cache, key, "mediasoup-worker");
  const shared = join(readTools().userCache, "mediasoup-worker", key, "mediasoup-worker");
  if (!(await exists(here))) {
    if (await exists(shared)) {
      process.stdout.write(`taken from ${shared}\n`);
      await install(shared, here);
    } else {
      const folder = join(cache, `${key}.build`);
      const built = await compile(folder);
      assertStarts(built);
      await install(built, here);
      await install(built, shared);
      await rm(folder, { recursive: true, force: true });
    }
  }
  assertStarts(here);
  const link = join(cache, "mediasoup-worker");
  await rm(link, { force: true });
  await symlink(join(key, "mediasoup-worker"), link);
  process.stdout.write(`${link} -> ${key}\n`);
}

await main();
