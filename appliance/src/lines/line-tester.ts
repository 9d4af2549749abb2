import type { Dialler } from "../calls/plan/index.ts";
import type { Lines } from "./lines.ts";

/** Dials by one line alone: what it does not do, no other does for it. */
export const byLine = (lines: Lines, line: string): Dialler => ({
  async dial({ number }, { onLine, onLineFailed, ...options }) {
    onLine?.(line);
    const outcome =
      (await lines.find(line)?.dial(number, options)) ?? ({ type: "unreachable", reason: "there is no such line" } as const);
    if (outcome.type !== "answered") onLineFailed?.(line, outcome.type === "unreachable" ? outcome.reason : outcome.type);
    return { ...outcome, line };
  },
});
