import { createHash } from "node:crypto";
import type { Channel, Clock, Log } from "@sitebox/core/kernel";
import type { IncomingText } from "../../line/index.ts";
import type { GatewayMemory } from "../management.ts";

/** Numbers of news begin with the device's clock at its start, in seconds, and go on from there. Further off, its clock is not set. */
const NEAR_MS = 600_000;
/** Texts that are stored: their acknowledgements may get lost, and the box be started anew meanwhile. */
const MAX_STORED = 200;
const MEMORY_KEY = "stored";

export interface GoipIncoming {
  readonly port: number;
  readonly lineId: string;
  /** The news' own number. */
  readonly number: string;
  readonly from: string;
  readonly text: string;
  /** Resolves when it is on its way. */
  readonly acknowledge: () => Promise<void>;
}

export interface GoipInboxDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly memory: GatewayMemory;
  readonly texts: Channel<IncomingText>;
}

/** Texts that came. The device says one again and again until it is acknowledged, which it is when it is stored with us. */
export class GoipInbox {
  readonly #deps: GoipInboxDeps;
  readonly #stored = new Set<string>();
  readonly #waiting = new Map<string, { acknowledge: () => Promise<void> }>();

  constructor(deps: GoipInboxDeps) {
    this.#deps = deps;
  }

  /** Finds what was stored before; to be called before anything is taken. */
  async resume(): Promise<void> {
    const kept = (await this.#deps.memory.read(MEMORY_KEY)) ?? "";
    for (const id of kept.split(" ")) if (id !== "") this.#stored.add(id);
  }

  take({ port, lineId, number, from, text, acknowledge }: GoipIncoming): void {
    const whole = JSON.stringify([lineId, number, from, text]);
    const id = createHash("sha256").update(whole).digest("hex").slice(0, 32);
    const waiting = this.#waiting.get(id);
    if (this.#stored.has(id)) void acknowledge();
    // The device may have another address by now.
    else if (waiting) waiting.acknowledge = acknowledge;
    else {
      this.#waiting.set(id, { acknowledge });
      this.#deps.texts.push({ id, from, text, sentAt: this.#sentAt(number), port, stored: () => this.#store(id) });
    }
  }

  async #store(id: string): Promise<void> {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    this.#stored.add(id);
    const [oldest] = this.#stored;
    if (this.#stored.size > MAX_STORED && oldest !== undefined) this.#stored.delete(oldest);
    await waiting.acknowledge();
    try {
      await this.#deps.memory.write(MEMORY_KEY, [...this.#stored].join(" "));
    } catch (err) {
      this.#deps.log.warn("which texts of a gateway are stored could not be noted", { err });
    }
  }

  /** The network's time is not told; a text that is told again has the same as before where the device's clock is set. */
  #sentAt(number: string): number {
    const now = this.#deps.clock.now();
    const stated = Number(number) * 1_000;
    return Math.abs(now - stated) < NEAR_MS ? stated : now;
  }
}
