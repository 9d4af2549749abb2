/** Where the set-up tools find things. The only place in `tools/` that reads the environment. */
import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** The checkout. */
export const projectRoot = join(import.meta.dirname, "../..");

export interface ToolsConfig {
  /** A cache that outlives the checkout. */
  readonly userCache: string;
}

export function readTools(): ToolsConfig {
  // biome-ignore lint/style/noProcessEnv: the set-up tools' one look at the environment
  const { XDG_CACHE_HOME } = process.env;
  return { userCache: join(XDG_CACHE_HOME || join(homedir(), ".cache"), "sitebox") };
}

export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** Our own environment, for a child process. */
function inherited(): Readonly<Record<string, string>> {
  // biome-ignore lint/style/noProcessEnv: handed on, not read
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** The environment of the demo's servers: ours, and where they keep what is theirs. */
export const serverEnvironment = (home: string): Readonly<Record<string, string>> => ({
  MEDIASOUP_WORKER_BIN: join(projectRoot, ".cache/mediasoup-worker/mediasoup-worker"),
  ...inherited(),
  SITEBOX_HOME: home,
});

/** The environment of the tests: ours, and a folder for what they leave behind. */
export const testEnvironment = (folder: string): Readonly<Record<string, string>> => ({ ...inherited(), TMPDIR: folder });
