import type { Line, LineState } from "../index.ts";

/** Resolves with the line's state when it is as wanted: at once, or as soon as the line tells it. */
export async function until(line: Pick<Line, "state" | "onChanged">, wanted: (state: LineState) => boolean): Promise<LineState> {
  const { promise, resolve } = Promise.withResolvers<LineState>();
  const look = (state: LineState) => {
    if (wanted(state)) resolve(state);
  };
  using _ = line.onChanged(look);
  look(line.state);
  return await promise;
}
