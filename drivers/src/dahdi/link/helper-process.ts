import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock, Log } from "@sitebox/core/kernel";
import { type ByteStream, LineError } from "../../line/index.ts";
import { openUnixStream } from "../../streams/index.ts";

const START_MS = 5_000;
const LOOK_AGAIN_MS = 50;

export interface HelperProcessOptions {
  readonly program: string;
  /** Where the private folder with the socket is made; the system's temporary one when absent. */
  readonly runtimeDir?: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Starts the helper with a socket that only we can reach, and connects to it. Disposing closes the connection, on which the helper puts every
 * hook on and ends; one that does not is killed. Rejects with {@link LineError} where it cannot be started.
 */
export async function startHelper(options: HelperProcessOptions, signal: AbortSignal): Promise<ByteStream> {
  const { program, clock, log } = options;
  await using building = new AsyncDisposableStack();
  // The folder is made with mode 0700.
  const folder = await mkdtemp(join(options.runtimeDir ?? tmpdir(), "sitebox-dahdi-"));
  building.defer(() => rm(folder, { recursive: true, force: true }));
  const socket = join(folder, "helper.sock");
  const child = spawn(program, ["--socket", socket], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (bytes: Buffer) => {
    said = (said + bytes.toString("utf8")).slice(-500);
  });
  const gone = Promise.race([
    once(child, "exit").then(([code, how]) => `the helper ended (${String(code ?? how)}) ${said.trim()}`.trim()),
    once(child, "error").then(([cause]) => `the helper cannot be started: ${cause instanceof Error ? cause.message : ""}`),
  ]).catch((cause: unknown) => `the helper cannot be started: ${cause instanceof Error ? cause.message : ""}`);
  let over = false;
  void gone.then((reason) => {
    over = true;
    log.info("the helper has ended", { reason });
  });
  building.defer(async () => {
    if (over) return;
    const patience = clock.after(2_000, () => child.kill("SIGKILL"));
    await gone;
    patience[Symbol.dispose]();
  });
  const stream = await connectSoon(socket, { clock, signal, gone, isOver: () => over }).catch((error: unknown) => {
    child.kill("SIGTERM");
    throw error;
  });
  building.use(stream);
  const owned = building.move();
  let closed: Promise<void> | undefined;
  return {
    chunks: stream.chunks,
    write: (bytes) => stream.write(bytes),
    // Whoever closes it, everyone waits until the program has ended.
    [Symbol.asyncDispose]() {
      closed ??= owned.disposeAsync();
      return closed;
    },
  };
}

interface Waiting {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly gone: Promise<string>;
  readonly isOver: () => boolean;
}

async function connectSoon(socket: string, { clock, signal, gone, isOver }: Waiting): Promise<ByteStream> {
  const until = clock.monotonic() + START_MS;
  for (;;) {
    if (isOver()) throw new LineError(await gone);
    try {
      return await openUnixStream(socket, { clock, signal });
    } catch (cause) {
      if (signal.aborted || clock.monotonic() >= until) throw new LineError("the helper does not listen", { cause });
    }
    await Promise.race([clock.sleep(LOOK_AGAIN_MS, signal), gone]);
  }
}
