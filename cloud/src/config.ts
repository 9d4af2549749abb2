import { join } from "node:path";
import { parseArgs } from "node:util";
import { HeadquartersConfig } from "@sitebox/core/contract";
import { readConfigFile, type ServiceEnvironment } from "@sitebox/core/kernel";

export interface Start {
  readonly config: HeadquartersConfig;
  readonly environment: ServiceEnvironment;
}

/**
 * The config named by `--config <file>`. Without one it is the demonstration's: everything below `SITEBOX_HOME` (else `var`),
 * and boxes on this very machine are let in without a person.
 * @throws ConfigError with all that is wrong in the file
 */
export async function readStart(args: readonly string[]): Promise<Start> {
  // biome-ignore lint/style/noProcessEnv: headquarters' one look at its environment
  const { SITEBOX_HOME = "var", NOTIFY_SOCKET, WATCHDOG_USEC } = process.env;
  const { values } = parseArgs({ args: [...args], options: { config: { type: "string" } } });
  const config =
    values.config === undefined
      ? HeadquartersConfig.parse({ dataDir: join(SITEBOX_HOME, "headquarters"), autoAcceptLoopbackClaims: true })
      : await readConfigFile(values.config, HeadquartersConfig);
  return { config, environment: { NOTIFY_SOCKET, WATCHDOG_USEC } };
}
