import { flushCompileCache } from "node:module";
import { setPriority } from "node:os";
import type { Log, LogFields, LogLevel } from "@sitebox/core/kernel";
import { FarLinks } from "./far-links.ts";
import { MediaWorker } from "./media-worker.ts";
import { Outbox } from "./outbox.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";
import { bindUdp } from "./udp.ts";
import { workerClock } from "./worker-clock.ts";

/** Sound before everything else; 20 ms are not to be missed because a page is being served. */
const PRIORITY = -10;

const outbox = new Outbox<FromWorker>((message, taken) => process.send?.(message, undefined, undefined, taken));

/** Writes through the main process's log. */
function logOver(bound: LogFields): Log {
  const write =
    (level: Exclude<LogLevel, "silent">) =>
    (message: string, fields: LogFields = {}) =>
      outbox.offer({ type: "log", level, message, fields: { ...bound, ...fields } });
  return {
    child: (_scope, fields) => logOver({ ...bound, ...fields }),
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
}

async function openWorker(token: Uint8Array): Promise<MediaWorker> {
  const socket = await bindUdp("127.0.0.1", 0);
  if (!socket) throw new Error("no loopback port is free");
  const far = new FarLinks(socket, token);
  const worker = new MediaWorker({
    clock: workerClock,
    log: logOver({}),
    far,
    send: (message) => outbox.send(message),
    offer: (message) => outbox.offer(message),
  });
  outbox.send({ type: "ready", linkPort: far.port });
  // The first worker's code is compiled for all that follow, however this one ends.
  flushCompileCache();
  return worker;
}

try {
  setPriority(PRIORITY);
} catch {
  // Only where the system lets us.
}
// Signals to a whole group of processes are the main process's business: it parts with its workers when their work is done.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

const opened = Promise.withResolvers<MediaWorker>();
// A message that cannot be handled is a fault of this code: it ends the worker, which the main process replaces.
process.on("message", (message: ToWorker) => {
  if (message.type === "start") void openWorker(message.token).then(opened.resolve);
  else void opened.promise.then((worker) => worker.handle(message));
});
// The main process lets go, or has died: the recordings are finished, then nothing keeps this process.
process.on("disconnect", () => void opened.promise.then((worker) => worker.close()));
