import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import { type Peer, plainAddress } from "./peer.ts";

/** Carries the datagrams of one address. */
export interface Datagrams extends AsyncDisposable {
  /** Rejects when the datagram cannot leave. */
  send(bytes: Uint8Array, peer: Peer): Promise<void>;
}

/** Binds; port 0 takes a free one. Rejects when the port is taken. */
export type OpenDatagrams = (
  listen: { readonly host: string; readonly port: number },
  onMessage: (bytes: Uint8Array, peer: Peer) => void,
) => Promise<{ readonly transport: Datagrams; readonly port: number }>;

/** SIP over UDP: one socket for everything, as symmetric peers and NATs want it (RFC 3581). */
export class UdpTransport implements Datagrams {
  readonly #socket: Socket;

  constructor(socket: Socket, onMessage: (bytes: Uint8Array, peer: Peer) => void) {
    this.#socket = socket;
    socket.on("message", (bytes, from) => {
      // Some NATs are kept open with empty lines or single bytes.
      if (bytes.length > 4) onMessage(bytes, { transport: "udp", host: plainAddress(from.address), port: from.port });
    });
    // E.g. an ICMP refusal of an earlier datagram; the sender's transaction notices by its timers.
    socket.on("error", () => {});
  }

  /** Rejects when the datagram cannot leave. */
  async send(bytes: Uint8Array, peer: Peer): Promise<void> {
    const mapped = this.#socket.address().family === "IPv6" && !isIPv6(peer.host) ? `::ffff:${peer.host}` : peer.host;
    await new Promise<void>((resolve, reject) => {
      this.#socket.send(bytes, peer.port, mapped, (error) => (error ? reject(error) : resolve()));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, "close");
    this.#socket.close();
    await closed;
  }
}

/** A socket of the machine. */
export const openUdp: OpenDatagrams = async (listen, onMessage) => {
  const socket = createSocket({ type: isIPv6(listen.host) ? "udp6" : "udp4", recvBufferSize: 1_048_576 });
  socket.bind(listen.port, listen.host);
  await once(socket, "listening");
  return { transport: new UdpTransport(socket, onMessage), port: socket.address().port };
};

/** The address of ours that packets to `host` leave from. */
export async function sourceAddress(host: string): Promise<string> {
  const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
  try {
    // Connecting a datagram socket sends nothing: it only asks the routing table.
    socket.connect(9, host);
    await once(socket, "connect");
    return socket.address().address;
  } finally {
    socket.close();
  }
}
