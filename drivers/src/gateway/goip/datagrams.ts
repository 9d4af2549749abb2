import { createSocket } from "node:dgram";
import { once } from "node:events";
import { Channel } from "@sitebox/core/kernel";
import type { ByteStream } from "../../line/index.ts";
import { ManagementError } from "../management.ts";

export interface GoipAddress {
  readonly host: string;
  readonly port: number;
}

export interface Datagram {
  readonly bytes: Uint8Array;
  readonly from: GoipAddress;
}

/** Where datagrams come to and go from. The opener closes it. */
export interface Datagrams extends AsyncDisposable {
  /** One reader. Ends when it is closed; throws ManagementError where it breaks. */
  readonly incoming: AsyncIterable<Datagram>;
  /** Resolves when it is on its way, or was lost. */
  send(bytes: Uint8Array, to: GoipAddress): Promise<void>;
}

/** A UDP port of ours. Rejects with ManagementError where it is taken. */
export async function openUdp(port: number): Promise<Datagrams> {
  const socket = createSocket("udp4");
  try {
    socket.bind(port);
    await once(socket, "listening");
  } catch (cause) {
    socket.close();
    const why = cause instanceof Error ? cause.message : "it cannot be had";
    throw new ManagementError(`UDP port ${port}: ${why}`, { fault: "failed", cause });
  }
  const waiting = new Channel<Datagram>();
  let broken: ManagementError | undefined;
  let closed = false;
  socket.on("error", (cause) => {
    broken ??= new ManagementError(cause.message, { fault: "failed", cause });
    waiting.close();
  });
  socket.on("message", (bytes, { address, port: from }) => waiting.push({ bytes, from: { host: address, port: from } }));
  return {
    incoming: (async function* () {
      yield* waiting;
      if (broken) throw broken;
    })(),
    async send(bytes, to) {
      if (!closed) await new Promise<void>((resolve) => socket.send(bytes, to.port, to.host, () => resolve()));
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      waiting.close();
      const gone = once(socket, "close");
      socket.close();
      await gone;
    },
  };
}

/** A recording of a UDP port. It does not tell who sent what; each of its pieces is a datagram. */
export function recordedUdp(stream: ByteStream): Datagrams {
  const nobody = { host: "", port: 0 };
  return {
    incoming: (async function* () {
      for await (const bytes of stream.chunks) yield { bytes, from: nobody };
    })(),
    send: (bytes) => stream.write(bytes),
    [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
  };
}
