import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { type Account, type SocketReply, SocketRequest } from "../contract/index.ts";
import { type Clock, type Log, supervise } from "../kernel/index.ts";
import { fromOwnPage } from "./bodies.ts";
import { problemOf, WebError } from "./faults.ts";

/** One browser at the other end. */
export interface SocketClient {
  readonly id: string;
  readonly account?: Account;
  /** Which of the server's paths it came by. */
  readonly path: string;
  /** Sends a message of the contract; one that cannot keep up is cut off and loads everything anew. */
  push(message: unknown): void;
  /** Aborts when it has gone. */
  readonly closed: AbortSignal;
}

export type SocketMethods = Readonly<Record<string, (client: SocketClient, params: unknown) => Promise<unknown>>>;

export interface SocketPath {
  readonly path: string;
  /**
   * Who it is, asked at the start and again with each heartbeat, so that a logout ends the socket too.
   * A WebError closes it with 4000 + its HTTP status (4401: log in first), which a page can tell from a lost network.
   */
  authenticate(request: IncomingMessage): Promise<{ account?: Account }>;
  readonly methods: SocketMethods;
  /** At most so many at once. */
  readonly most?: number;
  /** Called for each that has been let in, before its first request. */
  readonly joined?: (client: SocketClient) => void;
}

export interface SocketsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly paths: readonly SocketPath[];
  readonly origins?: readonly string[];
}

export interface Sockets extends AsyncDisposable {
  readonly clients: Iterable<SocketClient>;
  /** Sends one message to all that `wanted` picks. */
  broadcast(message: unknown, wanted?: (client: SocketClient) => boolean): void;
}

const HEARTBEAT_MS = 15_000;
const MAX_MESSAGE_BYTES = 256 * 1024;
/** A browser that reads slower than we write would make us hold it all; it comes back and asks for the present state. */
const MAX_WAITING_BYTES = 1_000_000;
const MAX_REQUESTS = 32;

class Client implements SocketClient {
  readonly id = randomUUID();
  readonly path: string;
  readonly account?: Account;
  readonly request: IncomingMessage;
  readonly socket: WebSocket;
  readonly #closing = new AbortController();
  alive = true;
  requests = 0;

  constructor(path: string, { account }: { account?: Account }, request: IncomingMessage, socket: WebSocket) {
    this.path = path;
    if (account) this.account = account;
    this.request = request;
    this.socket = socket;
    socket.on("close", () => this.#closing.abort());
    socket.on("pong", () => {
      this.alive = true;
    });
  }

  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  push(message: unknown): void {
    this.write(JSON.stringify(message));
  }

  write(text: string): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > MAX_WAITING_BYTES) this.socket.terminate();
    else this.socket.send(text);
  }

  refuse(error: unknown): void {
    const { status, problem } = problemOf(error);
    this.socket.close(4_000 + status, problem.fault);
  }
}

async function serve(client: Client, methods: SocketMethods, data: RawData, log: Log): Promise<void> {
  const said = data.toString();
  let request: SocketRequest;
  try {
    request = SocketRequest.parse(JSON.parse(said));
  } catch {
    // The error quotes what was said.
    log.warn("malformed socket message", { path: client.path, characters: said.length });
    client.socket.close(1008, "malformed");
    return;
  }
  const { id, method, params } = request;
  const reply = (answer: SocketReply) => client.push(answer);
  client.requests++;
  try {
    if (client.requests > MAX_REQUESTS) throw new WebError("too-many-requests");
    const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!run) throw new WebError("no-such-method", { method });
    reply({ id, result: (await run(client, params)) ?? null });
  } catch (err) {
    const { status, problem } = problemOf(err);
    if (status >= 500) log.error("socket request failed", { path: client.path, method, err });
    reply({ id, problem });
  } finally {
    client.requests--;
  }
}

/** Answers WebSockets on some paths of a server: requests with replies, pushes, heartbeat. */
export function openSockets(server: Server, { clock, log: root, paths, origins }: SocketsDeps): Sockets {
  const log = root.child("sockets");
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  const clients = new Set<Client>();
  const stopping = new AbortController();

  async function join(path: SocketPath, request: IncomingMessage, socket: WebSocket): Promise<void> {
    // Messages may come while we ask who it is: they wait in the stream.
    socket.pause();
    socket.on("error", (err) => log.debug("socket failed", { path: path.path, err }));
    const who = await path.authenticate(request).catch((error: unknown) => ({ error }));
    const client = new Client(path.path, "error" in who ? {} : who, request, socket);
    socket.resume();
    const present = [...clients].filter((other) => other.path === path.path).length;
    if ("error" in who) return client.refuse(who.error);
    if (present >= (path.most ?? 1_000)) return client.refuse(new WebError("too-many-connections"));
    clients.add(client);
    socket.on("close", () => clients.delete(client));
    socket.on("message", (data, binary) => {
      if (binary) socket.close(1003, "text only");
      else void serve(client, path.methods, data, log);
    });
    path.joined?.(client);
  }

  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const path = paths.find((known) => known.path === request.url?.split("?")[0]);
    if (!path || !fromOwnPage(request, origins) || stopping.signal.aborted) {
      stream.end(`HTTP/1.1 ${path ? "403 Forbidden" : "404 Not Found"}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => void join(path, request, socket));
  };
  server.on("upgrade", upgrade);

  async function beat(signal: AbortSignal): Promise<void> {
    for (;;) {
      await clock.sleep(HEARTBEAT_MS, signal);
      for (const client of clients) {
        if (!client.alive) {
          client.socket.terminate();
          continue;
        }
        client.alive = false;
        client.socket.ping();
        const path = paths.find((known) => known.path === client.path);
        await path?.authenticate(client.request).catch((error: unknown) => client.refuse(error));
      }
    }
  }
  const beating = supervise("socket heartbeat", beat, { clock, log, signal: stopping.signal });

  return {
    clients,
    broadcast(message, wanted = () => true) {
      const text = JSON.stringify(message);
      for (const client of clients) if (wanted(client)) client.write(text);
    },
    async [Symbol.asyncDispose]() {
      server.off("upgrade", upgrade);
      stopping.abort();
      for (const { socket } of clients) {
        socket.close(1001, "going away");
        socket.terminate();
      }
      sockets.close();
      await beating;
    },
  };
}
