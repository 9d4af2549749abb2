import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Ready } from "./ready.ts";
import { lastLines, runServer } from "./server.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "server-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function serverOf(program: string, onReady: (ready: Ready) => void = () => {}) {
  const errors: string[] = [];
  const options = {
    name: "demo",
    command: process.execPath,
    args: ["-e", program],
    cwd: folder,
    env: {},
    logFile: join(folder, "demo.log"),
    onReady,
    onError: (text: string) => errors.push(text),
  };
  return { options, errors };
}

test("tells when a server is ready, logs the rest, and stops it gently", async () => {
  const stop = new AbortController();
  const program = `
    console.log("starting");
    process.on("SIGTERM", () => { console.error("goodbye"); process.exit(0); });
    setInterval(() => {}, 1_000);
    console.log(JSON.stringify({ ready: "box", url: "http://localhost:1/" }));`;
  const seen: Ready[] = [];
  const { options, errors } = serverOf(program, (ready) => {
    seen.push(ready);
    stop.abort();
  });
  await runServer(options, stop.signal);
  expect(seen).toEqual([{ ready: "box", url: "http://localhost:1/", notes: [] }]);
  expect(errors).toEqual([]);
  const log = await readFile(options.logFile, "utf8");
  expect(log).toContain("starting\n");
  expect(log).not.toContain("http://localhost:1/");
});

test("fails when a server ends by itself, and has its last words", async () => {
  const { options } = serverOf('console.error("no such site"); process.exit(3);');
  await expect(runServer(options, new AbortController().signal)).rejects.toThrow("demo ended by itself (with 3)");
  expect(await lastLines(options.logFile)).toContain("    | no such site\n");
});
