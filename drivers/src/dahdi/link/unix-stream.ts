import { once } from "node:events";
import { connect } from "node:net";
import { type ByteStream, LineError } from "../../line/index.ts";

/** Connects to a Unix stream socket. Rejects with {@link LineError} where nobody listens. */
export async function openUnixStream(path: string, signal: AbortSignal): Promise<ByteStream> {
  const socket = connect(path);
  try {
    await once(socket, "connect", { signal });
  } catch (cause) {
    socket.destroy();
    throw new LineError(`nobody listens at ${path}`, { cause });
  }
  // What breaks the socket is told to its reader and writers; between them it must not end the process.
  socket.on("error", () => {});
  return {
    chunks: socket,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (cause) => (cause ? reject(new LineError("the helper is gone", { cause })) : resolve()));
      }),
    async [Symbol.asyncDispose]() {
      if (socket.closed) return;
      const closed = once(socket, "close");
      socket.destroy();
      await closed;
    },
  };
}
