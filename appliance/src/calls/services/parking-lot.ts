import type { FeatureCodes } from "@sitebox/core/contract";
import type { OpenCall } from "../open-call.ts";
import type { Party } from "../party/index.ts";

/** A parked call's place. Disposing frees it. */
export interface ParkingSlot extends Disposable {
  readonly number: string;
  /** Resolves with whoever takes the call back; he is in the parked call then. */
  readonly taken: Promise<Party>;
}

interface Parked {
  readonly call: OpenCall;
  readonly taken: PromiseWithResolvers<Party>;
}

/** The places of parked calls. Who dials a place's number takes its call back. */
export class ParkingLot {
  readonly #slots: FeatureCodes["parkSlots"];
  readonly #parked = new Map<string, Parked>();

  constructor(slots: FeatureCodes["parkSlots"]) {
    this.#slots = slots;
  }

  get size(): number {
    return this.#parked.size;
  }

  /** The first free place; undefined where there is none. */
  park(call: OpenCall): ParkingSlot | undefined {
    for (let slot = this.#slots.first; slot <= this.#slots.last; slot++) {
      const number = String(slot);
      if (this.#parked.has(number)) continue;
      const parked: Parked = { call, taken: Promise.withResolvers() };
      this.#parked.set(number, parked);
      const free = () => {
        if (this.#parked.get(number) === parked) this.#parked.delete(number);
      };
      return { number, taken: parked.taken.promise, [Symbol.dispose]: free };
    }
    return undefined;
  }

  /** Gives a parked call to `party`; undefined where nothing is parked there. */
  take(slot: string, party: Party, from: OpenCall): OpenCall | undefined {
    const parked = this.#parked.get(slot);
    if (!parked) return undefined;
    this.#parked.delete(slot);
    parked.call.admit(party, from);
    parked.taken.resolve(party);
    return parked.call;
  }
}
