import { readdir, readFile } from "node:fs/promises";

/** Process ids of the descendants of `parent` whose command line contains `name`. */
export async function childrenOf(parent: number, name: string): Promise<number[]> {
  const parents = new Map<number, { readonly parent: number; readonly command: string }>();
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = await readFile(`/proc/${entry}/stat`, "utf8");
      const command = (await readFile(`/proc/${entry}/cmdline`, "utf8")).replaceAll("\0", " ");
      parents.set(Number(entry), { parent: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]), command });
    } catch {
      // It ended while we looked.
    }
  }
  const below = (pid: number): boolean => {
    const process = parents.get(pid);
    return process !== undefined && (process.parent === parent || below(process.parent));
  };
  return [...parents].filter(([pid, { command }]) => command.includes(name) && below(pid)).map(([pid]) => pid);
}

/** As a crash: nothing is closed. */
export function killProcess(pid: number): void {
  process.kill(pid, "SIGKILL");
}
