import type { Log } from "@sitebox/core/kernel";
import { MediaError, type Pcm8k } from "../../media/index.ts";
import type { Party } from "./party.ts";

/** Two parties that are linked: each hears the other, or only `a` hears `b`. */
export interface Link {
  readonly a: Party;
  readonly b: Party;
  readonly direction: "both" | "hear";
}

/** Who hears whom, and who hears music. */
export interface WiringPlan {
  readonly links: readonly Link[];
  readonly music: readonly Party[];
}

const keyOf = ({ a, b, direction }: Link): string =>
  direction === "hear" ? `${a.id}>${b.id}` : [a.id, b.id].toSorted().join("=");

/**
 * Keeps the sound of several parties as a plan says: what is no longer wanted is taken away before anything new is linked, so nobody
 * is heard by someone who has left. Changes come one after the other; a plan that is overtaken by a newer one is not carried out.
 */
export class Wiring {
  readonly #log: Log;
  readonly #hold: () => AsyncIterable<Pcm8k>;
  readonly #links = new Map<string, Link>();
  readonly #music = new Map<Party, { readonly stop: AbortController; readonly playing: Promise<unknown> }>();
  #plan: WiringPlan = { links: [], music: [] };
  #working: Promise<void> = Promise.resolve();
  #stale = false;

  /** `hold` gives the music of those who wait. */
  constructor({ log, hold }: { readonly log: Log; readonly hold: () => AsyncIterable<Pcm8k> }) {
    this.#log = log;
    this.#hold = hold;
  }

  /** Links and music that are up now. */
  get size(): number {
    return this.#links.size + this.#music.size;
  }

  apply(plan: WiringPlan): void {
    this.#plan = plan;
    // Music stops at once: who is joined must not hear it over the other's first word.
    const music = new Set(plan.music);
    for (const [party, { stop }] of this.#music) if (!music.has(party)) stop.abort();
    if (this.#stale) return;
    this.#stale = true;
    this.#working = this.#working.then(() => this.#work());
  }

  /** Resolves when the sound is as the last plan says. */
  async settled(): Promise<void> {
    await this.#working;
  }

  /** Takes everything away. */
  async clear(): Promise<void> {
    this.apply({ links: [], music: [] });
    await this.settled();
  }

  async #work(): Promise<void> {
    this.#stale = false;
    const { links, music } = this.#plan;
    const wanted = new Map(links.map((link) => [keyOf(link), link]));
    for (const [key, link] of this.#links) {
      if (wanted.has(key)) continue;
      this.#links.delete(key);
      await this.#attempt(() => link.a.media.unbridge(link.b.media));
    }
    for (const [party, { playing }] of this.#music) {
      if (music.includes(party)) continue;
      await playing;
      this.#music.delete(party);
    }
    for (const [key, link] of wanted) {
      if (this.#stale) return;
      if (this.#links.has(key) || link.a.over.aborted || link.b.over.aborted) continue;
      this.#links.set(key, link);
      await this.#attempt(() => link.a.media.bridge(link.b.media, { direction: link.direction }));
    }
    for (const party of music) {
      if (this.#stale || this.#music.has(party) || party.over.aborted) continue;
      const stop = new AbortController();
      const signal = AbortSignal.any([stop.signal, party.over]);
      const playing = this.#attempt(() => party.media.play(this.#hold(), { signal }));
      this.#music.set(party, { stop, playing });
    }
  }

  async #attempt(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (err) {
      // A leg that ended in the meantime is dealt with by whoever hears of its end.
      if (err instanceof MediaError && err.fault === "leg-ended") return;
      this.#log.error("the sound of a call could not be joined", { err });
    }
  }
}
