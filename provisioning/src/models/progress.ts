import type { Progress } from "./install.ts";

export interface ProgressOptions {
  readonly write: (text: string) => void;
  /** On a terminal one line is rewritten; elsewhere a new line is written at every tenth. */
  readonly terminal: boolean;
  /** Monotonic ms. */
  readonly now: () => number;
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

/** Shows how far a fetch has come: bar, share, megabytes, speed, file. */
export function progressBar({ write, terminal, now }: ProgressOptions): { update(progress: Progress): void; finish(): void } {
  const startedAt = now();
  let firstBytes: number | undefined;
  let shownAt = Number.NEGATIVE_INFINITY;
  let tenth = -1;
  return {
    update({ file, doneBytes, totalBytes }) {
      firstBytes ??= doneBytes;
      const share = totalBytes === 0 ? 1 : doneBytes / totalBytes;
      const reached = Math.floor(share * 10);
      const at = now();
      if (terminal ? at - shownAt < 100 && share < 1 : reached === tenth) return;
      shownAt = at;
      tenth = reached;
      const perSecond = at > startedAt ? ((doneBytes - firstBytes) * 1_000) / (at - startedAt) : 0;
      const bar = "#".repeat(Math.floor(share * 30)).padEnd(30, ".");
      const text = `    [${bar}] ${String(Math.floor(share * 100)).padStart(3)} %  ${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB  ${megabytes(perSecond)} MB/s  ${file.path}`;
      write(terminal ? `\r\u001b[K${text.slice(0, 118)}` : `${text}\n`);
    },
    finish() {
      if (terminal && tenth >= 0) write("\r\u001b[K");
    },
  };
}
