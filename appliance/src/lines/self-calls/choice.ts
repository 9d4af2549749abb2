import type { LineState } from "@sitebox/drivers/line";
import type { Lines } from "../lines.ts";

export type CallingLines = Pick<Lines, "states" | "limited" | "price">;

/** By which line a number is called, or why by none: "in-use" passes by itself. */
export type Choice =
  | { readonly type: "line"; readonly by: string }
  | { readonly type: "in-use" }
  | { readonly type: "none"; readonly reason: string };

export const isFull = ({ calls, maxCalls }: LineState): boolean => calls >= maxCalls;

/** Whether a line has room for so many calls of ours: where it carries several, one is left for whoever calls in meanwhile. */
const hasRoom = ({ calls, maxCalls }: LineState, ours: number): boolean =>
  maxCalls === 1 ? ours === 1 && calls === 0 : maxCalls - calls > ours;

/**
 * The cheapest of the other lines that are up and show a number of their own, without which the call could not be told from a guest's. A line
 * with room for three calls may call itself where there is no other.
 */
export function chooseLine(
  { name, number }: { readonly name: string; readonly number: string },
  lines: CallingLines,
  numbersOf: (line: string) => readonly string[],
): Choice {
  const states = lines.states();
  const line = states.find((one) => one.name === name);
  if (line?.state !== "up") return { type: "none", reason: "the line is not up" };
  if (line.maxCalls === 0) return { type: "none", reason: "the line carries no calls" };
  if (!hasRoom(line, 1)) return { type: "in-use" };
  const able = states.filter((one) => one.state === "up" && one.maxCalls > 0 && numbersOf(one.name).length > 0);
  const others = able.filter((one) => one.name !== name);
  const itself = line.maxCalls > 2 && able.includes(line) ? [line] : [];
  const callers = others.length > 0 ? others : itself;
  if (callers.length === 0) return { type: "none", reason: "there is no other line that is up and shows a number" };
  const free = callers.filter((one) => hasRoom(one, one === line ? 2 : 1));
  if (free.length === 0) return { type: "in-use" };
  const [by] = free
    .filter((one) => lines.limited(one.name) === undefined)
    .toSorted((a, b) => lines.price(a.name, number) - lines.price(b.name, number));
  if (by) return { type: "line", by: by.name };
  return { type: "none", reason: lines.limited(free[0]?.name ?? "") ?? "the lines that could call have done what they may" };
}
