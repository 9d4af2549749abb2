import { parentPort } from "node:worker_threads";
import { type Log, type LogFields, type LogLevel, systemClock } from "@sitebox/core/kernel";
import { MediaThread } from "./media-thread.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

const port = parentPort;
if (!port) throw new Error("this module is the inside of a worker thread");

const send = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

/** Writes through the main thread's log: one process, one log. */
function logOver(bound: LogFields): Log {
  const write =
    (level: Exclude<LogLevel, "silent">) =>
    (message: string, fields: LogFields = {}) =>
      send({ type: "log", level, message, fields: { ...bound, ...fields } });
  return {
    child: (_scope, fields) => logOver({ ...bound, ...fields }),
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
}

const thread = new MediaThread({ clock: systemClock, log: logOver({}), send });
// A message that cannot be handled is a fault of this code: it ends the worker, which the main thread replaces.
port.on("message", (message: ToWorker) => void thread.handle(message));
send({ type: "ready" });
