import type { CallState } from "@sitebox/core/contract";
import type { OpenCall } from "./open-call.ts";
import type { Party } from "./party/index.ts";
import type { Ringing, Ringings } from "./ring/index.ts";

/** What a call on a line is to those in it: "alone" talks with the box only, "waiting" with nobody yet. */
type Importance = "waiting" | "alone" | "people";

/** Something that keeps a line busy, and could end. */
export interface Occupant {
  readonly line: string;
  readonly importance: Importance;
  readonly call: OpenCall;
  /** The side that is on the line, or what rings by it. */
  readonly side: Party | Ringing;
}

const LEAST_FIRST: readonly Importance[] = ["waiting", "alone", "people"];
const ALONE: readonly CallState[] = ["assistant", "message"];

const importanceOf = (call: OpenCall, party: Party): Importance => {
  if (!party.answered) return "waiting";
  return ALONE.includes(call.state) ? "alone" : "people";
};

/** What keeps these lines busy and is no call for help itself, in the order in which the calls began. */
export function occupants(
  calls: readonly OpenCall[],
  ringings: Ringings,
  { lines, isEmergency }: { readonly lines: readonly string[]; isEmergency(number: string): boolean },
): readonly Occupant[] {
  return calls.flatMap((call) => {
    const ringing = ringings.of(call);
    const numbers = [...call.parties.map(({ number }) => number), ...ringing.flatMap((one) => one.numbers)];
    if (call.forHelp || numbers.some(isEmergency)) return [];
    const talking = call.parties.flatMap((side): Occupant[] => {
      const { line } = side.leg;
      return line !== undefined && lines.includes(line) ? [{ line, importance: importanceOf(call, side), call, side }] : [];
    });
    const dialling = ringing.flatMap((side) =>
      side.lines.filter((line) => lines.includes(line)).map((line): Occupant => ({ line, importance: "waiting", call, side })),
    );
    return [...talking, ...dialling];
  });
}

/** Whom the line is taken from: who has nobody yet, then who talks with the box, then people; of equals whoever has said least, i.e. came last. */
export function leastImportant(among: readonly Occupant[]): Occupant | undefined {
  for (const importance of LEAST_FIRST) {
    const found = among.findLast((one) => one.importance === importance);
    if (found) return found;
  }
  return undefined;
}
