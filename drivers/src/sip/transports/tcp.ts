import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Clock } from "@sitebox/core/kernel";
import { StreamFramer } from "../parser/index.ts";
import { type Peer, peerKey, plainAddress } from "./peer.ts";

/** A peer may hold a connection open this long without a word; phones ping well within it (RFC 5626 §4.4.1). */
const IDLE_MS = 20 * 60_000;
const CONNECT_MS = 5_000;
const MAX_CONNECTIONS = 1_000;
/** A peer that does not read gets no more than this queued. */
const MAX_QUEUED_BYTES = 1_048_576;

export interface TcpEvents {
  message(bytes: Uint8Array, peer: Peer): void;
  broken(reason: string, bytes: Uint8Array, peer: Peer): void;
}

/** SIP over TCP: a listening socket and every connection, whoever opened it (RFC 3261 §18). */
export class TcpTransport implements AsyncDisposable {
  readonly #server: Server;
  readonly #events: TcpEvents;
  readonly #clock: Clock;
  readonly #connections = new Map<string, Socket>();
  readonly #opening = new Map<string, Promise<Socket>>();

  constructor(server: Server, deps: { readonly events: TcpEvents; readonly clock: Clock }) {
    this.#server = server;
    this.#events = deps.events;
    this.#clock = deps.clock;
    server.on("connection", (socket) => this.#adopt(socket));
  }

  /** Whether a connection to this peer is open, e.g. the one that a phone behind a NAT registered over. */
  connected(peer: Peer): boolean {
    return this.#connections.has(peerKey(peer));
  }

  /** Sends over the peer's connection, opening one where there is none. Rejects when it cannot be opened or is stuck. */
  async send(bytes: Uint8Array, peer: Peer): Promise<void> {
    const socket = this.#connections.get(peerKey(peer)) ?? (await this.#open(peer));
    if (socket.writableLength > MAX_QUEUED_BYTES) {
      socket.destroy();
      throw new Error("the peer does not read");
    }
    await new Promise<void>((resolve, reject) => {
      socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  #open(peer: Peer): Promise<Socket> {
    const key = peerKey(peer);
    const opening = this.#opening.get(key) ?? this.#connect(peer).finally(() => this.#opening.delete(key));
    this.#opening.set(key, opening);
    return opening;
  }

  async #connect(peer: Peer): Promise<Socket> {
    const socket = connect({ host: peer.host, port: peer.port });
    using _deadline = this.#clock.after(CONNECT_MS, () => socket.destroy(new Error("no connection in time")));
    await once(socket, "connect");
    this.#adopt(socket);
    return socket;
  }

  #adopt(socket: Socket): void {
    const peer: Peer = { transport: "tcp", host: plainAddress(socket.remoteAddress ?? ""), port: socket.remotePort ?? 0 };
    const key = peerKey(peer);
    const framer = new StreamFramer();
    if (this.#connections.size >= MAX_CONNECTIONS || socket.remoteAddress === undefined) return void socket.destroy();
    this.#connections.set(key, socket);
    socket.setNoDelay(true).setTimeout(IDLE_MS, () => socket.destroy());
    // The peer is free to vanish; whoever waits for an answer hears it from the timers.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      if (this.#connections.get(key) === socket) this.#connections.delete(key);
    });
    socket.on("data", (chunk) => {
      for (const frame of framer.push(chunk)) {
        if (frame.type === "message") this.#events.message(frame.bytes, peer);
        else if (frame.type === "ping") socket.write("\r\n");
        else {
          this.#events.broken(frame.reason, frame.bytes, peer);
          socket.end();
        }
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#connections.values()) socket.destroy();
    await closed;
  }
}

/** Listens; port 0 takes a free one. Rejects when the port is taken. */
export async function openTcp(
  listen: { readonly host: string; readonly port: number },
  deps: { readonly events: TcpEvents; readonly clock: Clock },
): Promise<{ transport: TcpTransport; port: number }> {
  const server = createServer();
  server.listen(listen.port, listen.host);
  await once(server, "listening");
  const bound = server.address();
  return { transport: new TcpTransport(server, deps), port: typeof bound === "object" && bound ? bound.port : listen.port };
}
