import { createHash } from "node:crypto";
import type { Channel, Clock } from "@sitebox/core/kernel";
import type { IncomingText } from "../../line/index.ts";

/** Numbers of news begin with the device's clock at its start, in seconds, and go on from there. Further off, its clock is not set. */
const NEAR_MS = 600_000;
/** Texts that are stored: their acknowledgements may get lost. */
const MAX_STORED = 1_000;

export interface GoipIncoming {
  readonly port: number;
  readonly lineId: string;
  /** The news' own number. */
  readonly number: string;
  readonly from: string;
  readonly text: string;
  readonly acknowledge: () => void;
}

/** Texts that came. The device says one again and again until it is acknowledged, which it is when it is stored with us. */
export class GoipInbox {
  readonly #clock: Clock;
  readonly #texts: Channel<IncomingText>;
  readonly #stored = new Set<string>();
  readonly #waiting = new Map<string, { acknowledge: () => void }>();

  constructor(clock: Clock, texts: Channel<IncomingText>) {
    this.#clock = clock;
    this.#texts = texts;
  }

  take({ port, lineId, number, from, text, acknowledge }: GoipIncoming): void {
    const whole = JSON.stringify([lineId, number, from, text]);
    const id = createHash("sha256").update(whole).digest("hex").slice(0, 32);
    const waiting = this.#waiting.get(id);
    if (this.#stored.has(id)) acknowledge();
    // The device may have another address by now.
    else if (waiting) waiting.acknowledge = acknowledge;
    else {
      this.#waiting.set(id, { acknowledge });
      this.#texts.push({ id, from, text, sentAt: this.#sentAt(number), port, stored: async () => this.#store(id) });
    }
  }

  #store(id: string): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    this.#stored.add(id);
    const [oldest] = this.#stored;
    if (this.#stored.size > MAX_STORED && oldest !== undefined) this.#stored.delete(oldest);
    waiting.acknowledge();
  }

  /** The network's time is not told; a text that is told again has the same as before where the device's clock is set. */
  #sentAt(number: string): number {
    const now = this.#clock.now();
    const stated = Number(number) * 1_000;
    return Math.abs(now - stated) < NEAR_MS ? stated : now;
  }
}
