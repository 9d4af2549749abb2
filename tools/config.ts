/** Where the set-up tools find things. The only place in `tools/` that reads the environment. */
import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** The checkout. */
export const projectRoot = join(import.meta.dirname, "..");

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
