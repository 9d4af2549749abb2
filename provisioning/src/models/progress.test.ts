import { expect, test } from "vitest";
import { progressBar } from "./progress.ts";

const file = { path: "engine/a.bin", bytes: 10_000_000, sha256: "", origins: [] };

function shown(terminal: boolean, steps: readonly number[]): string {
  let text = "";
  let at = 0;
  const bar = progressBar({ write: (more) => (text += more), terminal, now: () => at });
  for (const doneBytes of steps) {
    at += 500;
    bar.update({ file, doneBytes, totalBytes: 10_000_000 });
  }
  bar.finish();
  return text;
}

test("rewrites one line on a terminal and clears it at the end", () => {
  const text = shown(true, [1_000_000, 5_000_000, 10_000_000]);
  expect(text).not.toContain("\n");
  expect(text).toContain("[###############...............]  50 %  5.0 of 10.0 MB");
  expect(text).toContain("6.0 MB/s  engine/a.bin");
  expect(text.endsWith("\r\u001b[K")).toBe(true);
});

test("writes at most a line for each tenth elsewhere", () => {
  const lines = shown(
    false,
    Array.from({ length: 1_000 }, (_, index) => (index + 1) * 10_000),
  );
  expect(lines.trimEnd().split("\n")).toHaveLength(11);
});

test("shows nothing when nothing was fetched", () => {
  expect(shown(true, [])).toBe("");
});
