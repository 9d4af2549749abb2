import { readdir, readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

const LOOK_MS = 50;

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

/** Kills every such descendant as soon as it is seen, until disposed: a program that crashes whenever it is started. */
export function keepKilling(parent: number, name: string): AsyncDisposable {
  const stop = new AbortController();
  const killing = (async () => {
    while (!stop.signal.aborted) {
      for (const pid of await childrenOf(parent, name)) process.kill(pid, "SIGKILL");
      await wait(LOOK_MS);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await killing;
    },
  };
}
