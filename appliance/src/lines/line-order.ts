import type { LineState } from "@sitebox/drivers/line";

/** A line that is to be tried. */
export interface Attempt {
  readonly line: string;
  /** Why it is passed over. */
  readonly skip?: string;
  /** If nothing is heard of the call for this long, the next line is tried, and this one again behind it. */
  readonly heardWithinMs?: number;
}

const isFull = ({ calls, maxCalls }: LineState) => calls >= maxCalls;

/** The lines of a route in its order; those that are down or full are passed over. */
export function lineOrder(route: readonly string[] | undefined, states: readonly LineState[]): readonly Attempt[] {
  const names = route ?? states.map(({ name }) => name);
  return names.map((line): Attempt => {
    const state = states.find(({ name }) => name === line);
    if (!state) return { line, skip: "there is no such line" };
    if (state.state === "down") return { line, skip: state.reason ?? "the line is down" };
    return isFull(state) ? { line, skip: "the line is full" } : { line };
  });
}

/** Carriers say within seconds that it rings; a line that says nothing for longer may be dead without anybody having noticed. */
const HEARD_MS = 8_000;

/**
 * For a call for help every line is tried: free ones that are up first, then full ones, then those of which nothing good is known.
 * Where several are up, one that is silent has to wait until the others were tried.
 */
export function emergencyOrder(states: readonly LineState[]): readonly Attempt[] {
  const rank = (state: LineState) => (state.state === "up" ? (isFull(state) ? 1 : 0) : state.state === "starting" ? 2 : 3);
  const several = states.filter(({ state }) => state === "up").length > 1;
  return states
    .toSorted((a, b) => rank(a) - rank(b))
    .map(({ name: line, state }) => (several && state === "up" ? { line, heardWithinMs: HEARD_MS } : { line }));
}
