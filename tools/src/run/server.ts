import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { type Ready, readLine } from "./ready.ts";

export interface ServerOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly onReady: (ready: Ready) => void;
  readonly onError: (text: string) => void;
}

const START_MARK = "--- ";

/** How long a server may take to stop by itself before it is killed. */
const STOP_MS = 15_000;

/**
 * Runs a server until it ends; when the signal aborts it is asked to stop (SIGTERM), and killed if it does not.
 * It has a process group of its own, so that Ctrl-C reaches it once and through us, and not its engines before itself.
 * @throws when it ends although nobody asked it to.
 */
export async function runServer(options: ServerOptions, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { name, command, args, cwd, env, logFile } = options;
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const log = createWriteStream(logFile, { flags: "a" });
  log.write(`${START_MARK}${name} started at ${new Date().toISOString()} as process ${child.pid}\n`);
  const ended = once(child, "close");
  createInterface({ input: child.stdout }).on("line", (line) => {
    const read = readLine(line);
    if (read.type === "ready") options.onReady(read.ready);
    else log.write(`${line}\n`);
    if (read.type === "error") options.onError(read.text);
  });
  child.stderr.pipe(log, { end: false });

  const stop = (how: NodeJS.Signals) => {
    // The group, so that nothing that the server started outlives it.
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, how);
  };
  let hammer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    child.kill("SIGTERM");
    hammer = setTimeout(() => stop("SIGKILL"), STOP_MS);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const [code, killedBy] = (await ended) as [number | null, NodeJS.Signals | null];
    if (!signal.aborted) throw new Error(`${name} ended by itself (${killedBy ?? `with ${code}`})`);
    if (killedBy === "SIGKILL") options.onError(`did not stop within ${STOP_MS / 1_000} s and was killed`);
  } finally {
    signal.removeEventListener("abort", onAbort);
    clearTimeout(hammer);
    log.end();
  }
}

/** The last lines of a log file, of the last start only, indented for a report. */
export async function lastLines(logFile: string, count = 20): Promise<string> {
  const text = await readFile(logFile, "utf8").catch(() => "");
  return text
    .slice(Math.max(0, text.lastIndexOf(START_MARK)))
    .trimEnd()
    .split("\n")
    .slice(-count)
    .map((line) => `    | ${line}\n`)
    .join("");
}
