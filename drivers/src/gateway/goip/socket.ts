import type { LineDeps } from "../../line/index.ts";
import { ManagementError } from "../management.ts";
import type { Datagrams, GoipAddress } from "./datagrams.ts";
import { type GoipPacket, parseGoipPacket, withoutPassword } from "./packets.ts";

export interface GoipSocketDeps {
  /** The socket owns it. */
  readonly datagrams: Datagrams;
  readonly onTraffic: LineDeps["onTraffic"];
  readonly onPacket: (packet: GoipPacket, from: GoipAddress) => void;
}

/** The UDP port that GoIPs report to. */
export class GoipSocket implements AsyncDisposable {
  readonly #deps: GoipSocketDeps;
  #closed = false;
  readonly #broken = new AbortController();
  readonly #reading: Promise<void>;

  constructor(deps: GoipSocketDeps) {
    this.#deps = deps;
    this.#reading = this.#read();
  }

  /** Aborts when the socket breaks, with the ManagementError that says why. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  /** Resolves when it is on its way. What does not get there is repeated, or asked for again by the device. */
  async send(packet: string, to: GoipAddress): Promise<void> {
    if (this.#closed) return;
    const bytes = Buffer.from(packet);
    this.#deps.onTraffic?.({ port: "udp", direction: "out", bytes: withoutPassword(bytes, "out") });
    await this.#deps.datagrams.send(bytes, to);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#deps.datagrams[Symbol.asyncDispose]();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { datagrams, onTraffic, onPacket } = this.#deps;
    try {
      for await (const { bytes, from } of datagrams.incoming) {
        onTraffic?.({ port: "udp", direction: "in", bytes: withoutPassword(bytes, "in") });
        const packet = parseGoipPacket(bytes);
        if (packet) onPacket(packet, from);
      }
      if (!this.#closed) throw new ManagementError("the recording has ended", { fault: "failed" });
    } catch (err) {
      this.#broken.abort(err);
    }
  }
}
