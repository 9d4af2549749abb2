import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import type { Clock } from "@sitebox/core/kernel";
import { StreamFramer } from "../parser/index.ts";
import { isAddress, type Peer, peerKey, plainAddress } from "./peer.ts";

/** A peer may hold a connection open this long without a word; phones ping well within it (RFC 5626 §4.4.1). */
const IDLE_MS = 20 * 60_000;
/** A connection to us without its handshake or its first message by then is a scanner's. */
const FIRST_WORD_MS = 30_000;
const CONNECT_MS = 5_000;
const MAX_CONNECTIONS = 1_000;
/** A whole office may stand behind one address, but one address must not take every connection there is. */
const MAX_PER_ADDRESS = 200;
/** A peer that does not read gets no more than this queued. */
const MAX_QUEUED_BYTES = 1_048_576;

export interface StreamEvents {
  message(bytes: Uint8Array, peer: Peer): void;
  broken(reason: string, bytes: Uint8Array, peer: Peer): void;
  /** A connection to us that was not let in, e.g. for its certificate. */
  refused(reason: string, peer: Peer): void;
}

export interface StreamDeps {
  readonly transport: "tcp" | "tls";
  readonly clock: Clock;
  readonly events: StreamEvents;
  /** Whether this peer may have a connection with us. */
  readonly admits: (peer: Peer) => boolean;
  /** Begins a connection; it counts as open with `opened`. */
  readonly connect: (peer: Peer) => { readonly socket: Socket; readonly opened: "connect" | "secureConnect" };
}

/** SIP over TCP or TLS: every connection, whoever opened it, and a listening socket where there is one (RFC 3261 §18). */
export class StreamTransport implements AsyncDisposable {
  readonly #deps: StreamDeps;
  readonly #server: Server | undefined;
  /** By the peer's address and, where we opened it for a name, by both: a name's proof is not another's (RFC 5923 §6). */
  readonly #connections = new Map<string, Socket>();
  readonly #opening = new Map<string, Promise<Socket>>();
  /** Every socket, those in their handshake too. */
  readonly #sockets = new Set<Socket>();
  readonly #perAddress = new Map<string, number>();
  /** Connections to us that have not said anything yet. */
  readonly #firstWords = new Map<string, Disposable>();

  constructor(deps: StreamDeps, server?: Server) {
    this.#deps = deps;
    this.#server = server;
    server?.on("connection", (socket) => this.#guard(socket));
    server?.on(deps.transport === "tls" ? "secureConnection" : "connection", (socket: Socket) => this.#accept(socket));
    server?.on("tlsClientError", (error, socket) => {
      deps.events.refused(error.message, this.#peerOf(socket));
      socket.destroy();
    });
  }

  /** Whether a connection to this peer is open, e.g. the one that a phone behind a NAT registered over. */
  connected(peer: Peer): boolean {
    return this.#connectionOf(peer) !== undefined;
  }

  /** Closes the connections of everybody who may not have one any more. */
  expel(): void {
    for (const socket of this.#sockets) if (!socket.connecting && !this.#deps.admits(this.#peerOf(socket))) socket.destroy();
  }

  /** Our port of the connection to this peer, which is opened where there is none. Rejects when it cannot be. */
  async localPort(peer: Peer): Promise<number | undefined> {
    return (this.#connectionOf(peer) ?? (await this.#open(peer))).localPort;
  }

  /** Sends over the peer's connection, opening one where there is none. Rejects when it cannot be opened or is stuck. */
  async send(bytes: Uint8Array, peer: Peer): Promise<void> {
    const socket = this.#connectionOf(peer) ?? (await this.#open(peer));
    if (socket.writableLength > MAX_QUEUED_BYTES) {
      socket.destroy();
      throw new Error("the peer does not read");
    }
    await new Promise<void>((resolve, reject) => {
      socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#server && once(this.#server, "close");
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #connectionOf(peer: Peer): Socket | undefined {
    const named = this.#connections.get(keyOf(peer));
    // An address that a dialog's far end gave us is as good as the connection that it came over.
    return named ?? (isAddress(peer.name ?? peer.host) ? this.#connections.get(peerKey(peer)) : undefined);
  }

  #open(peer: Peer): Promise<Socket> {
    const key = keyOf(peer);
    const opening = this.#opening.get(key) ?? this.#connect(peer).finally(() => this.#opening.delete(key));
    this.#opening.set(key, opening);
    return opening;
  }

  async #connect(peer: Peer): Promise<Socket> {
    const { socket, opened } = this.#deps.connect(peer);
    this.#hold(socket);
    using _deadline = this.#deps.clock.after(CONNECT_MS, () =>
      socket.destroy(new Error(`no connection within ${CONNECT_MS} ms`)),
    );
    await once(socket, opened);
    this.#adopt(socket, peer);
    return socket;
  }

  #peerOf(socket: Socket): Peer {
    return { transport: this.#deps.transport, host: plainAddress(socket.remoteAddress ?? ""), port: socket.remotePort ?? 0 };
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    // The peer is free to vanish; whoever waits for an answer hears it from the timers.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
  }

  /** What every connection to us is measured by, before its handshake. */
  #guard(socket: Socket): void {
    this.#hold(socket);
    const { host } = this.#peerOf(socket);
    if (!this.#deps.admits(this.#peerOf(socket))) return void socket.destroy();
    const count = (this.#perAddress.get(host) ?? 0) + 1;
    if (this.#sockets.size > MAX_CONNECTIONS || count > MAX_PER_ADDRESS || host === "") return void socket.destroy();
    this.#perAddress.set(host, count);
    const key = peerKey(this.#peerOf(socket));
    const silent = this.#deps.clock.after(FIRST_WORD_MS, () => socket.destroy());
    this.#firstWords.set(key, silent);
    socket.on("close", () => {
      this.#spoken(key);
      const left = (this.#perAddress.get(host) ?? 1) - 1;
      if (left > 0) this.#perAddress.set(host, left);
      else this.#perAddress.delete(host);
    });
  }

  #spoken(key: string): void {
    this.#firstWords.get(key)?.[Symbol.dispose]();
    this.#firstWords.delete(key);
  }

  #accept(socket: Socket): void {
    if (socket.destroyed || socket.remoteAddress === undefined) return void socket.destroy();
    if (!this.#sockets.has(socket)) this.#hold(socket);
    this.#adopt(socket, this.#peerOf(socket));
  }

  #adopt(socket: Socket, opened: Peer): void {
    const peer = this.#peerOf(socket);
    const keys = new Set([peerKey(peer), keyOf(opened)]);
    for (const key of keys) this.#connections.set(key, socket);
    socket.on("close", () => {
      for (const key of keys) if (this.#connections.get(key) === socket) this.#connections.delete(key);
    });
    socket.setNoDelay(true).setTimeout(IDLE_MS, () => socket.destroy());
    const framer = new StreamFramer();
    socket.on("data", (chunk) => {
      for (const frame of framer.push(chunk)) {
        this.#spoken(peerKey(peer));
        if (frame.type === "message") this.#deps.events.message(frame.bytes, peer);
        else if (frame.type === "ping") socket.write("\r\n");
        else {
          this.#deps.events.broken(frame.reason, frame.bytes, peer);
          socket.end();
        }
      }
    });
  }
}

const keyOf = (peer: Peer): string => (peer.name === undefined ? peerKey(peer) : `${peerKey(peer)}|${peer.name.toLowerCase()}`);

export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** Listens on TCP, or on TLS where `tls` is given; port 0 takes a free one. Rejects when the port is taken. */
export async function openStreams(
  listen: Listen,
  deps: StreamDeps,
  tls?: TlsOptions,
): Promise<{ transport: StreamTransport; server: Server; port: number }> {
  const server = tls ? createTlsServer(tls) : createServer();
  server.listen(listen.port, listen.host);
  await once(server, "listening");
  const bound = server.address();
  const port = typeof bound === "object" && bound ? bound.port : listen.port;
  return { transport: new StreamTransport(deps, server), server, port };
}
