import { Channel } from "@sitebox/core/kernel";
import type { DialOptions, DialOutcome } from "@sitebox/drivers/line";
import type { Dialled, Dialler, LineListeners, Target } from "../plan/index.ts";
import { TestLeg } from "./test-leg.ts";

/** A telephone that rings. */
export class RingingPhone {
  readonly target: Target;
  readonly options: DialOptions & LineListeners;
  readonly leg: TestLeg;
  readonly #settle: (outcome: DialOutcome) => void;

  constructor(target: Target, options: DialOptions & LineListeners, settle: (outcome: DialOutcome) => void) {
    this.target = target;
    this.options = options;
    this.#settle = settle;
    this.leg = new TestLeg({
      remote: target.number,
      dialled: target.number,
      answered: true,
      ...(target.type === "outside" && { line: "carrier" }),
    });
  }

  /** Its user hears the caller from now on. */
  answer(): TestLeg {
    this.#settle({ type: "answered", leg: this.leg });
    return this.leg;
  }

  busy(): void {
    this.#settle({ type: "busy" });
  }

  /** It says something before it is answered. */
  soundsEarly(): void {
    this.options.onProgress?.({ type: "early-media", audio: this.leg.audio });
  }
}

/** Rings telephones of the test. */
export class TestDialler implements Dialler {
  /** Those that ring now. */
  readonly ringing = new Set<RingingPhone>();
  readonly #rings = new Channel<RingingPhone>();

  async dial(target: Target, options: DialOptions & LineListeners): Promise<Dialled> {
    if (options.signal.aborted) return { type: "no-answer" };
    const outcome = Promise.withResolvers<DialOutcome>();
    const phone = new RingingPhone(target, options, outcome.resolve);
    this.ringing.add(phone);
    const giveUp = () => outcome.resolve({ type: "no-answer" });
    options.signal.addEventListener("abort", giveUp, { once: true });
    this.#rings.push(phone);
    options.onProgress?.({ type: "ringing" });
    const dialled = await outcome.promise;
    options.signal.removeEventListener("abort", giveUp);
    this.ringing.delete(phone);
    if (dialled.type !== "answered") await phone.leg.audio[Symbol.asyncDispose]();
    return { ...dialled, ...(target.type === "outside" && { line: "carrier" }) };
  }

  /** The next telephone that rings; an error where it is another than expected. */
  async rings(number: string): Promise<RingingPhone> {
    for await (const phone of this.#rings) {
      if (phone.target.number !== number) throw new Error(`${phone.target.number} rings, not ${number}`);
      return phone;
    }
    throw new Error("nothing rings any more");
  }
}
