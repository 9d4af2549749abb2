import { once } from "node:events";
import { connect } from "node:net";
import { type ByteStream, LineError } from "../../line/index.ts";

/** Connects over TCP. Rejects with the system's error, or when aborted. */
export async function openTcp(to: { readonly host: string; readonly port: number }, signal: AbortSignal): Promise<ByteStream> {
  const socket = connect({ ...to, keepAlive: true, noDelay: true });
  // What breaks it is told to its reader and writers; between them it must not end the process.
  socket.on("error", () => {});
  try {
    await once(socket, "connect", { signal });
  } catch (err) {
    socket.destroy();
    throw err;
  }
  return {
    chunks: socket,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (cause) => (cause ? reject(new LineError("the gateway is gone", { cause })) : resolve()));
      }),
    [Symbol.asyncDispose]: async () => void socket.destroy(),
  };
}
