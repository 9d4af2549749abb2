import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Clock } from "@sitebox/core/kernel";
import { type ByteStream, LineError } from "../line/index.ts";

/** How long a device may take to accept a connection. */
const CONNECT_MS = 10_000;

export interface OpenStreamOptions {
  readonly clock: Clock;
  /** Aborting gives up; what is open already is closed by disposing it. */
  readonly signal: AbortSignal;
  /** For connecting, ms; ten seconds when absent. */
  readonly deadlineMs?: number;
}

/** Connects over TCP. Rejects with {@link LineError} where nobody answers in time, or with the signal's reason. */
export async function openTcpStream(
  to: { readonly host: string; readonly port: number },
  options: OpenStreamOptions,
): Promise<ByteStream> {
  return await streamOf(connect({ ...to, keepAlive: true, noDelay: true }), options);
}

/** Connects to a Unix stream socket. Rejects with {@link LineError} where nobody listens, or with the signal's reason. */
export async function openUnixStream(path: string, options: OpenStreamOptions): Promise<ByteStream> {
  return await streamOf(connect(path), options);
}

async function streamOf(socket: Socket, { clock, signal, deadlineMs = CONNECT_MS }: OpenStreamOptions): Promise<ByteStream> {
  // What breaks it is told to its reader and writers; between them it must not end the process.
  socket.on("error", () => {});
  const late = new AbortController();
  using _timer = clock.after(deadlineMs, () => late.abort(new LineError(`no connection for ${deadlineMs / 1_000} s`)));
  try {
    await once(socket, "connect", { signal: AbortSignal.any([signal, late.signal]) });
  } catch (cause) {
    socket.destroy();
    signal.throwIfAborted();
    late.signal.throwIfAborted();
    throw new LineError(cause instanceof Error ? cause.message : "no connection", { cause });
  }
  return {
    chunks: socket,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (cause) => (cause ? reject(new LineError("the connection is gone", { cause })) : resolve()));
      }),
    async [Symbol.asyncDispose]() {
      if (socket.closed) return;
      const closed = once(socket, "close");
      socket.destroy();
      await closed;
    },
  };
}
