import type { LegSituation } from "@sitebox/drivers/line";
import type { Talk } from "./machine.ts";

/** Who hears whom, by ids of parties. */
export interface Hearing {
  readonly pairs: readonly (readonly [string, string])[];
  /** Those who wait. */
  readonly music: readonly string[];
  /** Those who hear how somebody is rung. */
  readonly ringing: readonly string[];
}

/** Those who are apart from the others hear each other alone; who holds neither hears nor is heard; who is left alone hears music. */
export function hearing(talk: Talk): Hearing {
  if (talk.ending) return { pairs: [], music: [], ringing: [] };
  const { members, errand } = talk;
  const transferring = errand?.type === "transfer" ? errand.by : undefined;
  const speaking = members.filter(({ id, holding }) => !holding && id !== transferring);
  const pairs: (readonly [string, string])[] = [];
  for (const [at, one] of speaking.entries())
    for (const other of speaking.slice(at + 1)) if (one.aside === other.aside) pairs.push([one.id, other.id]);
  const linked = new Set(pairs.flat());
  const listening = (id: string) => (errand?.type === "consult" ? id === errand.by : errand !== undefined);
  const idle = speaking.filter(({ id }) => !linked.has(id)).map(({ id }) => id);
  return { pairs, music: idle.filter((id) => !listening(id)), ringing: idle.filter(listening) };
}

/** How the call stands for one of its members. */
export function situationOf(talk: Talk, id: string): LegSituation["state"] {
  const member = talk.members.find((one) => one.id === id);
  if (!member) return "talking";
  if (member.aside) return "consulting";
  if (member.holding) return "holding";
  const { pairs } = hearing(talk);
  const partners = pairs.filter((pair) => pair.includes(id)).length;
  if (partners >= 2) return "conference";
  return partners === 1 ? "talking" : "on-hold";
}

/** The others of whom a member is told: those it speaks with, or all where it waits. */
export function othersOf(talk: Talk, id: string): string[] {
  const aside = talk.members.find((one) => one.id === id)?.aside ?? false;
  return talk.members.filter((one) => one.id !== id && one.aside === aside).map((one) => one.id);
}
