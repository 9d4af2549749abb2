import { Channel } from "@sitebox/core/kernel";
import { type DialOptions, type DialOutcome, type DriverDeps, outcomeOf, type Trunk } from "../index.ts";
import { type LoopbackLeg, legPair } from "./leg-pair.ts";

export interface LoopbackConfig {
  /** Rings back in. */
  readonly number: string;
}

/** The loopback's own legs can press keys, which tests need. */
export interface LoopbackTrunk extends Trunk {
  readonly incoming: AsyncIterable<LoopbackLeg>;
}

class Loopback implements LoopbackTrunk {
  readonly #number: string;
  readonly #deps: DriverDeps;
  readonly #incoming = new Channel<LoopbackLeg>();
  readonly #legs = new Set<LoopbackLeg>();

  constructor(number: string, deps: DriverDeps) {
    this.#number = number;
    this.#deps = deps;
  }

  get incoming(): AsyncIterable<LoopbackLeg> {
    return this.#incoming;
  }

  async dial(number: string, { signal, callerNumber = "", onProgress }: DialOptions): Promise<DialOutcome> {
    if (signal.aborted) return { type: "no-answer" };
    if (number !== this.#number || this.#incoming.closed) return { type: "unreachable", reason: "no such number" };
    const { near, far, answered } = legPair({ caller: callerNumber, called: number, clock: this.#deps.clock });
    this.#legs.add(near);
    void near.ended.then(() => this.#legs.delete(near));
    this.#incoming.push(far);
    onProgress?.({ type: "ringing" });
    const giveUp = () => void near.hangup("no-answer");
    signal.addEventListener("abort", giveUp, { once: true });
    const refusal = await Promise.race([answered, near.ended]);
    signal.removeEventListener("abort", giveUp);
    return refusal === undefined ? { type: "answered", leg: near } : outcomeOf(refusal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#incoming.close();
    await Promise.all([...this.#legs].map((leg) => leg.hangup("normal")));
  }
}

/** The smallest trunk: calls to its own number come back in. Shows how legs and their sound are made, and is the line of other tests. */
export const openLoopback = (config: LoopbackConfig, deps: DriverDeps): LoopbackTrunk => new Loopback(config.number, deps);
