import type { SimOwner } from "@sitebox/core/contract";
import type { Log } from "@sitebox/core/kernel";

/** Where it is kept which SIM a registered number was first seen with, over restarts of the box. A registration is its number and its owner. */
export interface SimMemory {
  /** The serial number that is kept for this registration; undefined where none is. */
  load(sim: SimOwner): Promise<string | undefined>;
  keep(sim: SimOwner, iccid: string): Promise<void>;
}

export interface OwnSimDeps {
  readonly sim: SimOwner;
  readonly log: Log;
  /** Absent: the first SIM is known until the line is closed. */
  readonly memory?: SimMemory | undefined;
}

/**
 * Holds a number to the one SIM that it is registered with: the law binds it to whom that is registered to. Where the registration states no serial
 * number, the first SIM that is seen is its own; another one is not, until a person states it or registers another number or owner.
 */
export class OwnSim implements AsyncDisposable {
  readonly #deps: OwnSimDeps;
  #own: string | undefined;
  #kept: string | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: OwnSimDeps) {
    this.#deps = deps;
    this.#own = deps.sim.iccid;
  }

  /** Takes over what is kept. Rejects where that cannot be read: any SIM would be taken then. */
  async load(): Promise<void> {
    const { sim, memory } = this.#deps;
    this.#kept = await memory?.load(sim);
    this.#own ??= this.#kept;
  }

  /** Whether the SIM in the device may be used. `iccid`: as the device tells it; undefined where it does not. */
  isOwn(iccid: string | undefined): boolean {
    return this.#own === undefined || (iccid !== undefined && isSameSim(this.#own, iccid));
  }

  /** As {@link isOwn} of a SIM that is in the device now: where none is the number's own yet, this one is from now on. */
  see(iccid: string | undefined): boolean {
    if (!this.isOwn(iccid)) return false;
    if (iccid === undefined) return true;
    this.#own ??= iccid;
    if (this.#kept === undefined || !isSameSim(this.#kept, iccid)) this.#keep(iccid);
    return true;
  }

  /** All is written when it resolves. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
  }

  #keep(iccid: string): void {
    const { sim, log, memory } = this.#deps;
    this.#writing = this.#writing.then(async () => {
      if (this.#kept === iccid) return;
      try {
        await memory?.keep(sim, iccid);
        this.#kept = iccid;
        log.info("a SIM is taken for the number's own from now on", { pii: { number: sim.number, iccid } });
      } catch (err) {
        log.error("which SIM is a number's own could not be kept, it is tried again", { err });
      }
    });
  }
}

/** Some state 19 digits and some 20, of which the last is a check digit; some write a filler after them (ITU-T E.118). */
export function isSameSim(one: string, other: string): boolean {
  const [a = "", b = ""] = [one, other].map((iccid) => iccid.replaceAll(/\D/g, "").slice(0, 19));
  const length = Math.min(a.length, b.length);
  return length >= 18 && a.slice(0, length) === b.slice(0, length);
}
