import { existsSync } from "node:fs";
import { join } from "node:path";

export const repository = join(import.meta.dirname, "../..");

/** Where the speech models are: a folder named by SITEBOX_MODELS, the one beside the checkout, or what `make setup` installed. */
export function modelsDir(): string {
  // biome-ignore lint/style/noProcessEnv: the tests' one look at the environment
  const named = process.env.SITEBOX_MODELS;
  const beside = join(repository, "../shared/models");
  return named ?? (existsSync(beside) ? beside : join(repository, "var/models"));
}
