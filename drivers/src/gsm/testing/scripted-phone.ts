import type { Clock } from "@sitebox/core/kernel";
import { ScriptedCall, type ScriptedParty } from "./scripted-call.ts";
import { callsOf } from "./scripted-calls.ts";
import type { ScriptedNetwork } from "./scripted-network.ts";
import { joinPhone, leavePhone } from "./scripted-phones.ts";

interface ScriptedPhoneOptions {
  readonly network: ScriptedNetwork;
  readonly number: string;
  readonly clock: Clock;
  /** Answers whoever calls. */
  readonly answers?: boolean;
  readonly onHeard?: (frame: Buffer) => void;
  readonly onKey?: (key: string) => void;
}

/** A telephone of the test's own in the scripted network: it is no modem, and does what the test says. */
export class ScriptedPhone implements ScriptedParty, Disposable {
  readonly number: string;
  readonly #options: ScriptedPhoneOptions;
  #call: ScriptedCall | undefined;
  #ended: (cause: number) => void = () => {};

  constructor(options: ScriptedPhoneOptions) {
    this.#options = options;
    this.number = options.number;
    joinPhone(options.network, this);
  }

  get state(): ScriptedCall["state"] | "idle" {
    return this.#call?.state ?? "idle";
  }

  /** Calls a modem; resolves with the cause when the call is over. `shown`: the number as the network writes it, empty where withheld. */
  call(number: string, shown = this.number): Promise<number> {
    const modem = this.#options.network.find(number);
    const party = modem && callsOf(modem);
    if (!party || !modem.reachable) return Promise.resolve(27);
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#ended = resolve;
    this.#call = new ScriptedCall(this, party, shown);
    this.#call.ring();
    return promise;
  }

  answer(): void {
    this.#call?.answer();
  }

  hangUp(cause = 16): void {
    this.#call?.end(cause);
  }

  say(frame: Buffer): void {
    this.#call?.say(this, frame);
  }

  press(key: string): void {
    this.#call?.press(this, key);
  }

  [Symbol.dispose](): void {
    this.hangUp();
    leavePhone(this.#options.network, this);
  }

  rung(call: ScriptedCall): number | undefined {
    if (this.#call) return 17;
    this.#call = call;
    if (this.#options.answers) this.#options.clock.after(5, () => call.answer());
    return undefined;
  }

  moved(): void {}

  over(_call: ScriptedCall, cause: number): void {
    this.#call = undefined;
    this.#ended(cause);
  }

  hear(_call: ScriptedCall, frame: Buffer): void {
    this.#options.onHeard?.(frame);
  }

  pressed(_call: ScriptedCall, key: string): void {
    this.#options.onKey?.(key);
  }
}
