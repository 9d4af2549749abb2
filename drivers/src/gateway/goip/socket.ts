import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { LineDeps } from "../../line/index.ts";
import { ManagementError } from "../management.ts";
import { type GoipPacket, parseGoipPacket, withoutPassword } from "./packets.ts";

export interface GoipAddress {
  readonly host: string;
  readonly port: number;
}

/** The UDP port that GoIPs report to. */
export class GoipSocket implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #onTraffic: LineDeps["onTraffic"];
  #closed = false;
  readonly #broken = new AbortController();

  private constructor(
    socket: Socket,
    onTraffic: LineDeps["onTraffic"],
    onPacket: (packet: GoipPacket, from: GoipAddress) => void,
  ) {
    this.#socket = socket;
    this.#onTraffic = onTraffic;
    socket.on("error", (cause) => this.#broken.abort(new ManagementError(cause.message, { fault: "failed", cause })));
    socket.on("message", (bytes, { address, port }) => {
      onTraffic?.({ port: "udp", direction: "in", bytes: withoutPassword(bytes) });
      const packet = parseGoipPacket(bytes);
      if (packet) onPacket(packet, { host: address, port });
    });
  }

  /** Rejects with ManagementError where the port is taken. */
  static async open(
    port: number,
    onTraffic: LineDeps["onTraffic"],
    onPacket: (packet: GoipPacket, from: GoipAddress) => void,
  ): Promise<GoipSocket> {
    const socket = createSocket("udp4");
    try {
      socket.bind(port);
      await once(socket, "listening");
    } catch (cause) {
      socket.close();
      const why = cause instanceof Error ? cause.message : "it cannot be had";
      throw new ManagementError(`UDP port ${port}: ${why}`, { fault: "failed", cause });
    }
    return new GoipSocket(socket, onTraffic, onPacket);
  }

  /** Aborts when the socket breaks, with the ManagementError that says why. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  /** Resolves when it is on its way. What does not get there is repeated, or asked for again by the device. */
  async send(packet: string, to: GoipAddress): Promise<void> {
    if (this.#closed) return;
    const bytes = Buffer.from(packet);
    this.#onTraffic?.({ port: "udp", direction: "out", bytes: withoutPassword(bytes) });
    await new Promise<void>((resolve) => this.#socket.send(bytes, to.port, to.host, () => resolve()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const closed = once(this.#socket, "close");
    this.#socket.close();
    await closed;
  }
}
