import type { MakerDeps } from "../management.ts";
import { textId } from "../texts.ts";

/** Numbers of news begin with the device's clock at its start, in seconds, and go on from there. Not far off, they tell when it came. */
const NEAR_MS = 600_000;
/** No device runs for longer without a new start: further off, its clock is not set. */
const CLOCK_MS = 400 * 86_400_000;
/** What was stored and is not repeated for this long is acknowledged for good. */
const REPEATED_MS = 600_000;
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

export type GoipInboxDeps = Pick<MakerDeps, "clock" | "log" | "memory" | "textCame">;

/** Texts that came. The device says one again and again until it is acknowledged, which it is when it is stored with us. */
export class GoipInbox {
  readonly #deps: GoipInboxDeps;
  /** When each was said last, monotonic ms; the one that was stored first comes first. */
  readonly #stored = new Map<string, number>();
  readonly #waiting = new Map<string, { acknowledge: () => Promise<void> }>();

  constructor(deps: GoipInboxDeps) {
    this.#deps = deps;
  }

  /** Finds what was stored before; to be called before anything is taken. */
  async resume(): Promise<void> {
    const now = this.#deps.clock.monotonic();
    const kept = (await this.#deps.memory.read(MEMORY_KEY)) ?? "";
    for (const id of kept.split(" ")) if (id !== "" && !this.#stored.has(id)) this.#stored.set(id, now);
  }

  take({ port, lineId, number, from, text, acknowledge }: GoipIncoming): void {
    const { clock } = this.#deps;
    const named = textId(lineId, number, from, text);
    const saidAt = this.#stored.get(named);
    // A device whose clock is not set begins with the same numbers at each start: what it says long after is a new text.
    const isNew = saidAt !== undefined && clock.monotonic() - saidAt > REPEATED_MS && this.#offMs(number) > CLOCK_MS;
    if (saidAt !== undefined && !isNew) {
      this.#stored.set(named, clock.monotonic());
      void acknowledge();
      return;
    }
    const waiting = this.#waiting.get(named);
    if (waiting) {
      // The device may have another address by now.
      waiting.acknowledge = acknowledge;
      return;
    }
    this.#waiting.set(named, { acknowledge });
    const id = isNew ? textId(named, clock.now()) : named;
    // The network's time is not told; a text that is told again has the same as before where the device's clock is set.
    const sentAt = this.#offMs(number) < NEAR_MS ? Number(number) * 1_000 : undefined;
    this.#deps.textCame({ id, from, text, sentAt, port, stored: () => this.#store(named) });
  }

  async #store(named: string): Promise<void> {
    const waiting = this.#waiting.get(named);
    if (!waiting) return;
    this.#waiting.delete(named);
    this.#stored.delete(named);
    this.#stored.set(named, this.#deps.clock.monotonic());
    const [oldest] = this.#stored.keys();
    if (this.#stored.size > MAX_STORED && oldest !== undefined) this.#stored.delete(oldest);
    await waiting.acknowledge();
    try {
      await this.#deps.memory.write(MEMORY_KEY, [...this.#stored.keys()].join(" "));
    } catch (err) {
      this.#deps.log.warn("which texts of a gateway are stored could not be noted", { err });
    }
  }

  /** How far the device's clock was from ours when it was started. */
  #offMs(number: string): number {
    return Math.abs(this.#deps.clock.now() - Number(number) * 1_000);
  }
}
