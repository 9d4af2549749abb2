import type { Dialler } from "../calls/plan/index.ts";
import type { Lines } from "./lines.ts";

/** Dials by one line alone: what it does not do, no other does for it. */
export const byLine = (lines: Lines, line: string, giveWay: (lines: readonly string[]) => Promise<void>): Dialler => ({
  async dial({ number }, { onLine, onLineFailed, ...options }) {
    await giveWay([line]);
    const limit = lines.limited(line);
    const failed = (reason: string) => {
      onLineFailed?.(line, reason);
      return { type: "unreachable", reason, line } as const;
    };
    if (limit !== undefined) return failed(limit);
    onLine?.(line);
    const found = lines.find(line);
    if (!found) return failed("there is no such line");
    const outcome = await found.dial(number, options);
    if (outcome.type !== "answered") onLineFailed?.(line, outcome.type === "unreachable" ? outcome.reason : outcome.type);
    return { ...outcome, line };
  },
});
