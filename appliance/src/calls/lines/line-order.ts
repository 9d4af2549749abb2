import type { LineState } from "@sitebox/drivers/line";

/** A line that is tried, or why it is not. */
export type Attempt = { readonly line: string; readonly skip?: undefined } | { readonly line: string; readonly skip: string };

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

/** For a call for help every line is tried: free ones that are up first, then full ones, then those of which nothing good is known. */
export function emergencyOrder(states: readonly LineState[]): readonly Attempt[] {
  const rank = (state: LineState) => (state.state === "up" ? (isFull(state) ? 1 : 0) : state.state === "starting" ? 2 : 3);
  return states.toSorted((a, b) => rank(a) - rank(b)).map(({ name: line }) => ({ line }));
}
