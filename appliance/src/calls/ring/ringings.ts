import type { OpenCall } from "../open-call.ts";
import type { Party } from "../party/index.ts";
import type { Ringing, Rung } from "./ringing.ts";

/** All that rings at present: here it is picked up from another telephone. */
export class Ringings {
  readonly #ringing = new Set<Ringing>();

  get size(): number {
    return this.#ringing.size;
  }

  /** Runs it where others can pick it up. */
  async run(ringing: Ringing): Promise<Rung> {
    this.#ringing.add(ringing);
    try {
      return await ringing.run();
    } finally {
      this.#ringing.delete(ringing);
    }
  }

  /** What rings for a call. */
  of(call: OpenCall): readonly Ringing[] {
    return [...this.#ringing].filter((ringing) => ringing.call === call);
  }

  /** Gives `party` what has been ringing longest at one of these extensions; undefined where nothing rings. */
  pickUp(extensions: readonly string[], party: Party, from: OpenCall): OpenCall | undefined {
    for (const ringing of this.#ringing) {
      const rings = ringing.extensions.some((number) => extensions.includes(number));
      if (rings && ringing.call !== from && ringing.take(party, from)) return ringing.call;
    }
    return undefined;
  }
}
