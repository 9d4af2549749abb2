import { SocketReply } from "@sitebox/core/contract";
import { ClientError } from "./client-error.ts";

/** As much of a browser's WebSocket as is used. */
export interface SocketLike {
  send(text: string): void;
  close(): void;
  addEventListener(type: "open" | "close", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: ClientError) => void;
}

/** One socket for as long as it lives: requests with their answers, and pushes. Made anew to connect again. */
export class Socket {
  readonly #socket: SocketLike;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #open = false;

  constructor(
    socket: SocketLike,
    listener: { readonly opened: () => void; readonly pushed: (message: unknown) => void; readonly closed: () => void },
  ) {
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#open = true;
      listener.opened();
    });
    socket.addEventListener("message", ({ data }) => this.#receive(data, listener.pushed));
    socket.addEventListener("close", () => {
      this.#open = false;
      for (const { reject } of this.#waiting.values()) reject(new ClientError("offline", "the connection was lost"));
      this.#waiting.clear();
      listener.closed();
    });
  }

  /** @throws {ClientError} the server's fault, or `offline` when the socket is not open or closes before the answer */
  request(method: string, params: unknown): Promise<unknown> {
    if (!this.#open) return Promise.reject(new ClientError("offline", "not connected"));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params: params ?? {} }));
    });
  }

  close(): void {
    this.#socket.close();
  }

  #receive(data: unknown, pushed: (message: unknown) => void): void {
    const message = parseJson(data);
    const reply = SocketReply.safeParse(message);
    if (!reply.success) {
      pushed(message);
      return;
    }
    const waiting = this.#waiting.get(reply.data.id);
    this.#waiting.delete(reply.data.id);
    if ("problem" in reply.data) waiting?.reject(ClientError.of(reply.data.problem));
    else waiting?.resolve(reply.data.result);
  }
}

function parseJson(data: unknown): unknown {
  try {
    return typeof data === "string" ? JSON.parse(data) : undefined;
  } catch {
    return undefined;
  }
}
