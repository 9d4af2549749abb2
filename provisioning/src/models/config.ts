import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

export interface ModelsCommand {
  readonly into: string;
  /** The folder that `SITEBOX_MODELS` names. */
  readonly local: string | undefined;
  /** The user's cache, which outlives a checkout. */
  readonly cache: string;
  /** Whether a missing model is a failure. */
  readonly required: boolean;
}

/** Reads `--into <folder> [--required]`, `SITEBOX_MODELS` and `XDG_CACHE_HOME`. */
export function readCommand(args: readonly string[], environment: Readonly<Record<string, string | undefined>>): ModelsCommand {
  const { values } = parseArgs({
    args: [...args],
    options: { into: { type: "string", default: "var/models" }, required: { type: "boolean", default: false } },
  });
  const { SITEBOX_MODELS: local, XDG_CACHE_HOME: cacheHome } = environment;
  return {
    into: values.into,
    local: local || undefined,
    cache: join(cacheHome || join(homedir(), ".cache"), "sitebox", "models"),
    required: values.required,
  };
}

/** The process's environment; nothing else here reads it. */
export function environment(): Readonly<Record<string, string | undefined>> {
  // biome-ignore lint/style/noProcessEnv: the one look at the environment of this program
  return process.env;
}
