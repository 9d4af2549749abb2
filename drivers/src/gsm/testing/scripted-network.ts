import type { ScriptedModem } from "./scripted-modem.ts";

/** The mobile network between scripted modems: who has which number. Calls and texts find their way by it. */
export class ScriptedNetwork {
  readonly #modems = new Map<string, ScriptedModem>();

  /** Takes a modem's SIM into the network. */
  join(modem: ScriptedModem): void {
    this.#modems.set(modem.identity.number, modem);
  }

  leave(modem: ScriptedModem): void {
    this.#modems.delete(modem.identity.number);
  }

  /** The modem with this number, whether or not it can be reached now ({@link ScriptedModem.reachable}). "+86" in front changes nothing. */
  find(number: string): ScriptedModem | undefined {
    return this.#modems.get(number) ?? this.#modems.get(number.replace(/^\+86/, ""));
  }
}
