import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Clock } from "@sitebox/core/kernel";

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** User and system time in clock ticks. */
  readonly ticks: number;
  readonly rssPages: number;
}

/** One line of /proc/<pid>/stat (proc(5)). The name in parentheses may hold spaces and parentheses. */
export function parseStat(line: string): ProcessFacts | undefined {
  const [pid] = line.split(" ", 1);
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const facts = {
    pid: Number(pid),
    parent: Number(fields[1]),
    ticks: Number(fields[11]) + Number(fields[12]),
    rssPages: Number(fields[21]),
  };
  return Object.values(facts).every(Number.isFinite) ? facts : undefined;
}

/** The process and all that it started, however deep. */
export function familyOf(root: number, all: readonly ProcessFacts[]): ProcessFacts[] {
  const family = new Set([root]);
  for (let before = 0; before < family.size; ) {
    before = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return all.filter(({ pid }) => family.has(pid));
}

/** A script's own name says more than that it runs in Node. */
export function nameOf(command: readonly string[]): string {
  const script = command.slice(1).find((argument) => /\.[cm]?[jt]s$/.test(argument));
  return basename(script ?? command[0] ?? "").slice(0, 40);
}

const read = (path: string) => readFile(path, "utf8").catch(() => "");
/** Linux on every architecture that Node runs on. */
const PAGE_BYTES = 4_096;
const TICKS_PER_SECOND = 100;

/** Watches this process and its children: memory, and processor time since the last look. */
export class ProcessWatch {
  readonly #clock: Clock;
  #before = new Map<number, number>();
  #lookedAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async look(): Promise<{ name: string; rssBytes: number; cpuPercent: number }[]> {
    const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
    // A process may end between the listing and the reading.
    const all = (await Promise.all(pids.map((pid) => read(`/proc/${pid}/stat`)))).flatMap((line) => parseStat(line) ?? []);
    const family = familyOf(process.pid, all);
    const now = this.#clock.monotonic();
    const seconds = this.#lookedAt === undefined ? 0 : (now - this.#lookedAt) / 1_000;
    const before = this.#before;
    this.#before = new Map(family.map(({ pid, ticks }) => [pid, ticks]));
    this.#lookedAt = now;
    return Promise.all(
      family.map(async ({ pid, ticks, rssPages }) => {
        const used = (ticks - (before.get(pid) ?? ticks)) / TICKS_PER_SECOND;
        return {
          name: pid === process.pid ? "sitebox" : nameOf((await read(`/proc/${pid}/cmdline`)).split("\0")),
          rssBytes: rssPages * PAGE_BYTES,
          cpuPercent: seconds > 0 ? Math.round((used / seconds) * 1_000) / 10 : 0,
        };
      }),
    );
  }
}
