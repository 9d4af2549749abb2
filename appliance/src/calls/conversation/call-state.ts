import type { CallState } from "@sitebox/core/contract";
import type { Party } from "../party/index.ts";
import type { Talk } from "./machine.ts";
import { situationOf } from "./situation.ts";

/** What a call with these in it is for lists of calls. */
export function stateOf(talk: Talk, members: readonly Party[]): CallState {
  const situations = talk.members.map(({ id }) => situationOf(talk, id));
  if (situations.includes("conference")) return "conference";
  if (!situations.some((state) => state === "talking" || state === "consulting")) return "held";
  return kindOf(members);
}

/** Who took the call, by those who talk. */
export function kindOf(members: readonly Party[]): "agent" | "outside" | "extension" {
  if (members.some(({ kind }) => kind === "agent")) return "agent";
  return members.some(({ kind, direction }) => kind === "outside" && direction === "out") ? "outside" : "extension";
}
