import { parseArgs } from "node:util";
import { BoxConfig } from "@sitebox/core/contract";
import { readConfigFile, type ServiceEnvironment } from "@sitebox/core/kernel";
import { ensureDemoBox, localHeadquarters } from "@sitebox/provisioning";

export interface ProcessConfig {
  readonly config: BoxConfig;
  readonly environment: ServiceEnvironment;
}

/**
 * The process's config, read once: `--config <file>`, or the demo hotel in the folder that SITEBOX_HOME names.
 * @throws ConfigError with all that is wrong in it
 */
export async function readProcessConfig(args: readonly string[]): Promise<ProcessConfig> {
  const { values } = parseArgs({ args: [...args], options: { config: { type: "string" } } });
  // biome-ignore lint/style/noProcessEnv: the box's one look at the environment
  const { SITEBOX_HOME: home = "var", NOTIFY_SOCKET, WATCHDOG_USEC } = process.env;
  const file = values.config ?? (await ensureDemoBox(home, () => localHeadquarters(home)));
  return { config: await readConfigFile(file, BoxConfig), environment: { NOTIFY_SOCKET, WATCHDOG_USEC } };
}
