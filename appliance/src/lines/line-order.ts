import type { LineState } from "@sitebox/drivers/line";

/** A line that is to be tried. */
export interface Attempt {
  readonly line: string;
  /** It is in use: room is made on it first, where that can be. */
  readonly full?: boolean;
  /** Why it is passed over. */
  readonly skip?: string;
  /** If nothing is heard of the call for this long, the next line is tried, and this one again behind it. */
  readonly heardWithinMs?: number;
}

/** What is asked about lines beside their states. */
export interface LineFacts {
  /** Why it may make no call now. */
  limited(name: string): string | undefined;
  /** What the call costs by it; absent: the lines are taken as they are listed. */
  price?(name: string): number;
}

const isFull = ({ calls, maxCalls }: LineState) => calls >= maxCalls;

/** The lines of a route in its order, or the cheapest first; those that are down, full or at a limit are passed over. */
export function lineOrder(
  route: readonly string[] | undefined,
  states: readonly LineState[],
  facts: LineFacts,
): readonly Attempt[] {
  const listed = route ?? states.map(({ name }) => name);
  const { price } = facts;
  const names = price ? listed.toSorted((a, b) => price(a) - price(b)) : listed;
  return names.map((line): Attempt => {
    const state = states.find(({ name }) => name === line);
    const skip = state ? whyNot(state, facts) : "there is no such line";
    return skip === undefined ? { line } : { line, skip };
  });
}

function whyNot(state: LineState, { limited }: LineFacts): string | undefined {
  if (state.state === "down") return state.reason ?? state.fault ?? "the line is down";
  return isFull(state) ? "the line is full" : limited(state.name);
}

/** Carriers say within seconds that it rings; a line that says nothing for longer may be dead without anybody having noticed. */
const HEARD_MS = 8_000;

/**
 * For a call for help every line is tried: free ones that are up first, then full ones, then those of which nothing good is known.
 * Where several are up, one that is silent has to wait until the others were tried. Limits and prices play no part.
 */
export function emergencyOrder(states: readonly LineState[]): readonly Attempt[] {
  const rank = (state: LineState) => (state.state === "up" ? (isFull(state) ? 1 : 0) : state.state === "starting" ? 2 : 3);
  const several = states.filter(({ state }) => state === "up").length > 1;
  return states
    .toSorted((a, b) => rank(a) - rank(b))
    .map((state) => ({
      line: state.name,
      ...(state.state === "up" && isFull(state) && { full: true }),
      ...(several && state.state === "up" && { heardWithinMs: HEARD_MS }),
    }));
}
