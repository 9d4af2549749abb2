/**
 * Starts a demo hotel: headquarters and one box, each a process of its own, as they would run on two machines.
 *
 *     node tools/src/run.ts [--watch]      --watch restarts a server, and builds the pages again, when a source file changes
 *
 * Their logs are `var/log/*.log`. A server that dies once it has been ready is started again, as systemd does on a real box.
 */
import { mkdir, rename, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Log, silentLog, supervise, systemClock } from "@sitebox/core/kernel";
import { projectRoot, serverEnvironment } from "./config.ts";
import { lastLines, type Ready, runServer, welcome } from "./run/index.ts";

const home = join(projectRoot, "var");
const logs = join(home, "log");
const watch = process.argv.includes("--watch");
/** The box does not need headquarters; it only enrols sooner when headquarters is there first. */
const HEAD_START_MS = 10_000;
const READY_MS = 90_000;
const MAX_LOG_BYTES = 20_000_000;

interface Part {
  readonly name: string;
  readonly label: string;
  readonly command: string;
  readonly args: readonly string[];
}

const node = (entry: string) => ({
  command: process.execPath,
  args: [...(watch ? ["--watch-preserve-output", "--watch"] : []), entry],
});
const headquarters: Part = { name: "headquarters", label: "Headquarters 总部", ...node("cloud/src/main.ts") };
const box: Part = { name: "box", label: "Box 盒子", ...node("appliance/src/main.ts") };
const pages: Part = { name: "pages", label: "", command: "npm", args: ["run", "-w", "ui", "build", "--", "--watch"] };

const say = (text: string) => void process.stdout.write(`${text}\n`);
const logFile = (part: Part) => join(logs, `${part.name}.log`);

/** A part that did not come up. */
class StartError extends Error {
  override name = "StartError";
  readonly part: Part;

  constructor(part: Part, message: string, options?: ErrorOptions) {
    super(message, options);
    this.part = part;
  }
}

/** Runs one part until the signal aborts, again after each death; resolves with its first readiness. */
async function start(part: Part, signal: AbortSignal, running: Promise<void>[]): Promise<Ready> {
  const size = (await stat(logFile(part)).catch(() => undefined))?.size ?? 0;
  if (size > MAX_LOG_BYTES) await rename(logFile(part), `${logFile(part)}.old`);
  const ready = Promise.withResolvers<Ready>();
  let wasReady = false;
  const options = {
    ...part,
    cwd: projectRoot,
    env: serverEnvironment(home),
    logFile: logFile(part),
    onReady: (told: Ready) => {
      if (wasReady) say(`${part.name} is ready again.`);
      wasReady = true;
      ready.resolve(told);
    },
    onError: (text: string) => say(`[${part.name}] ${text}`),
  };
  const firstStart = new AbortController();
  const attempt = async (until: AbortSignal) => {
    try {
      await runServer(options, until);
    } catch (cause) {
      if (!wasReady) {
        ready.reject(new StartError(part, cause instanceof Error ? cause.message : String(cause), { cause }));
        // What cannot start is not tried again: a person has to look.
        firstStart.abort();
      }
      throw cause;
    }
  };
  const restarts: Log = {
    ...silentLog,
    error: () => {
      if (wasReady) say(`[${part.name}] has died and is started again; see ${relative(projectRoot, logFile(part))}`);
    },
  };
  const until = AbortSignal.any([signal, firstStart.signal]);
  running.push(
    supervise(part.name, attempt, { clock: systemClock, log: restarts, signal: until, backoff: { firstMs: 500, maxMs: 10_000 } }),
  );
  return Promise.race([
    ready.promise,
    systemClock.sleep(READY_MS, until).then(() => {
      throw new StartError(part, `${part.name} was not ready within ${READY_MS / 1_000} s`);
    }),
  ]);
}

/** Builds the pages again at every change; a build that fails is in its log, the servers go on with the last good one. */
async function watchPages(signal: AbortSignal): Promise<void> {
  const options = {
    ...pages,
    cwd: projectRoot,
    env: serverEnvironment(home),
    logFile: logFile(pages),
    onReady: () => {},
    onError: say,
  };
  await supervise("pages", (until) => runServer(options, until), { clock: systemClock, log: silentLog, signal });
}

async function explain({ part, message }: StartError): Promise<void> {
  const file = relative(projectRoot, logFile(part));
  say(`!!! ${message}. The end of its log:`);
  process.stdout.write(await lastLines(logFile(part)));
  say(`    The whole log is ${file}. Usual reasons: a port is in use, or var/ is from an older version (make clean removes it).`);
}

async function main(): Promise<void> {
  await mkdir(logs, { recursive: true });
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (!stop.signal.aborted) say("\nStopping. 正在停止。");
      stop.abort();
    });
  }
  const running: Promise<void>[] = [];
  const startBox = async () => {
    await Promise.race([first, systemClock.sleep(HEAD_START_MS, stop.signal)]);
    return start(box, stop.signal, running);
  };
  const first = start(headquarters, stop.signal, running);
  if (watch) running.push(watchPages(stop.signal));
  try {
    const [atHeadquarters, atBox] = await Promise.all([first, startBox()]);
    const parts = [
      { label: box.label, ready: atBox },
      { label: headquarters.label, ready: atHeadquarters },
    ];
    const files = [box, headquarters].map((part) => relative(projectRoot, logFile(part)));
    say(welcome(parts, files));
  } catch (error) {
    if (!stop.signal.aborted) {
      process.exitCode = 1;
      stop.abort();
      await Promise.all(running);
      if (!(error instanceof StartError)) throw error;
      await explain(error);
    }
  }
  await Promise.all(running);
}

await main();
