import type { LegClient } from "./leg-client.ts";
import { MediaError } from "./media-error.ts";

/** Numbers of legs, sounds, links and recordings: one sequence for the process. */
let lastNumber = 0;
export const nextNumber = () => ++lastNumber;

/** Whom one leg hears, and who hears it. Both ends know of each link, so that either can end it. */
export class LegLinks {
  readonly #leg: LegClient;
  /** The number of the link by the leg that is heard. */
  readonly #hears = new Map<LegClient, number>();
  readonly #heardBy = new Set<LegClient>();

  constructor(leg: LegClient) {
    this.#leg = leg;
  }

  /** States the link with another leg. Rejects with {@link MediaError}. */
  async join(other: LegClient, direction: "both" | "hear"): Promise<void> {
    if (other === this.#leg) throw new MediaError("refused", "a leg cannot be bridged to itself");
    if (this.#leg.ended || other.ended) throw new MediaError("leg-ended", "a leg of the bridge has ended");
    await this.#hear(other);
    if (direction === "both") await other.links.#hear(this.#leg);
    else await other.links.#unhear(this.#leg);
  }

  /** Ends the link with one leg, or all; resolves when nothing more is heard over it. */
  async part(other?: LegClient): Promise<void> {
    for (const one of other ? [other] : new Set([...this.#hears.keys(), ...this.#heardBy])) {
      await this.#unhear(one);
      await one.links.#unhear(this.#leg);
    }
  }

  async #hear(other: LegClient): Promise<void> {
    if (this.#hears.has(other)) return;
    const link = nextNumber();
    const [leg, { host }] = [this.#leg.id, this.#leg];
    this.#hears.set(other, link);
    other.links.#heardBy.add(this.#leg);
    try {
      if (other.host === host) await host.ask("hear", { leg, link, other: other.id });
      else {
        await host.ask("hearFar", { leg, link });
        await other.host.ask("tellFar", { leg: other.id, link, port: await host.ready });
      }
    } catch (error) {
      await this.#unhear(other);
      throw error;
    }
  }

  async #unhear(other: LegClient): Promise<void> {
    const link = this.#hears.get(other);
    if (link === undefined) return;
    this.#hears.delete(other);
    other.links.#heardBy.delete(this.#leg);
    // The listening end first: then nothing of what is on its way is heard.
    for (const end of other.host === this.#leg.host ? [this.#leg] : [this.#leg, other])
      await end.askWhileUp(() => end.host.ask("unlink", { leg: end.id, link }));
  }
}
