import { createHash, randomBytes } from "node:crypto";
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@sitebox/core/kernel";
import { afterEach, beforeEach, expect, test } from "vitest";
import { download } from "./download.ts";
import type { ModelFile } from "./manifest.ts";
import { type Behaviour, cutAfter, openFileServer, silent, status, whole } from "./testing/index.ts";

const content = randomBytes(300_000);
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "models-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function fileOf(bytes: Buffer, origins: readonly string[]): ModelFile {
  return { path: "model.bin", bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex"), origins };
}

async function fetchFrom(
  behaviours: readonly Behaviour[],
  options: { silentMs?: number; served?: Buffer; signal?: AbortSignal } = {},
) {
  await using server = await openFileServer({ "model.bin": options.served ?? content }, behaviours);
  const lengths: number[] = [];
  const target = join(folder, "deep/model.bin");
  const result = await download(fileOf(content, [server.url("model.bin")]), target, {
    clock: systemClock,
    signal: options.signal ?? new AbortController().signal,
    backoff: { firstMs: 1, maxMs: 2 },
    onBytes: (bytes) => {
      lengths.push(bytes);
      server.received(bytes);
    },
    ...(options.silentMs !== undefined && { silentMs: options.silentMs }),
  }).then(
    () => "done" as const,
    (error: unknown) => error,
  );
  return { result, requests: [...server.requests], lengths, target };
}

test("fetches a file and reports how far it is", async () => {
  const { result, lengths, target } = await fetchFrom([whole]);
  expect(result).toBe("done");
  expect(await readFile(target)).toEqual(content);
  expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
  expect(lengths.at(-1)).toBe(content.length);
});

test("goes on exactly where a cut connection stopped", async () => {
  const { result, requests, target } = await fetchFrom([cutAfter(150_000), cutAfter(80_000), cutAfter(40_000), whole]);
  expect(result).toBe("done");
  expect(requests).toEqual(["", "bytes=150000-", "bytes=230000-", "bytes=270000-"]);
  expect(await readFile(target)).toEqual(content);
});

test("goes on from the part that an earlier run left", async () => {
  const target = join(folder, "model.bin");
  await writeFile(`${target}.part`, content.subarray(0, 123_456));
  await using server = await openFileServer({ "model.bin": content });
  await download(fileOf(content, [server.url("model.bin")]), target, {
    clock: systemClock,
    signal: new AbortController().signal,
  });
  expect(server.requests).toEqual(["bytes=123456-"]);
  expect(await readFile(target)).toEqual(content);
});

test("starts again where the origin does not know ranges", async () => {
  const plain: Behaviour = (_request, response, bytes) => void response.writeHead(200).end(bytes);
  const { result, target } = await fetchFrom([cutAfter(80_000), plain]);
  expect(result).toBe("done");
  expect(await readFile(target)).toEqual(content);
});

test("keeps asking as long as each attempt brings something", async () => {
  const { result, requests } = await fetchFrom([...Array.from({ length: 8 }, () => cutAfter(20_000)), whole]);
  expect(result).toBe("done");
  expect(requests).toHaveLength(9);
});

test("refuses a file with the wrong checksum and leaves nothing of it behind", async () => {
  const { result, target } = await fetchFrom([whole], { served: randomBytes(content.length) });
  expect(result).toMatchObject({ name: "ModelError", fault: "checksum" });
  await expect(access(target)).rejects.toThrow("ENOENT");
  await expect(access(`${target}.part`)).rejects.toThrow("ENOENT");
});

test("refuses a file that is longer than it should be, without reading it to its end", async () => {
  const { result, lengths } = await fetchFrom([whole], { served: randomBytes(5_000_000) });
  expect(result).toMatchObject({ fault: "checksum" });
  expect(lengths.at(-1)).toBeLessThanOrEqual(content.length);
});

test("does not ask again for a file that is not there", async () => {
  const { result, requests } = await fetchFrom([status(404)]);
  expect(result).toMatchObject({ fault: "refused" });
  expect(requests).toHaveLength(1);
});

test("asks again when the origin is busy", async () => {
  const { result, requests } = await fetchFrom([status(503), status(429), whole]);
  expect(result).toBe("done");
  expect(requests).toHaveLength(3);
});

test("gives up an origin that has gone silent", async () => {
  const { result } = await fetchFrom([silent], { silentMs: 30 });
  expect(result).toMatchObject({ fault: "unreachable" });
});

test("says why an origin cannot be reached", async () => {
  const server = await openFileServer({});
  const url = server.url("model.bin");
  await server[Symbol.asyncDispose]();
  const failure = download(fileOf(content, [url]), join(folder, "model.bin"), {
    clock: systemClock,
    signal: new AbortController().signal,
    backoff: { firstMs: 1, maxMs: 2 },
  });
  await expect(failure).rejects.toMatchObject({ fault: "unreachable", message: expect.stringContaining("ECONNREFUSED") });
});

test("takes the second origin when the first one serves something else", async () => {
  await using wrong = await openFileServer({ "model.bin": randomBytes(content.length) });
  await using right = await openFileServer({ "model.bin": content });
  const target = join(folder, "model.bin");
  const file = fileOf(content, [wrong.url("model.bin"), right.url("model.bin")]);
  await download(file, target, { clock: systemClock, signal: new AbortController().signal });
  expect(await readFile(target)).toEqual(content);
});

test("stops when told to, keeping what it has for the next time", async () => {
  const stop = new AbortController();
  const { result } = await fetchFrom(
    [
      (request, response, bytes, cutAt) => {
        silent(request, response, bytes, cutAt);
        stop.abort();
      },
    ],
    { signal: stop.signal },
  );
  expect(result).toMatchObject({ name: "AbortError" });
});
