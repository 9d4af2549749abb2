import type { ScriptedParty } from "./scripted-call.ts";
import type { ScriptedNetwork } from "./scripted-network.ts";

const phones = new WeakMap<ScriptedNetwork, Map<string, ScriptedParty>>();

/** Gives a telephone that is no modem its number in the network. */
export function joinPhone(network: ScriptedNetwork, phone: ScriptedParty): void {
  const all = phones.get(network) ?? new Map<string, ScriptedParty>();
  phones.set(network, all.set(phone.number, phone));
}

export function leavePhone(network: ScriptedNetwork, { number }: ScriptedParty): void {
  phones.get(network)?.delete(number);
}

export const findPhone = (network: ScriptedNetwork, number: string): ScriptedParty | undefined =>
  phones.get(network)?.get(number);
