import { readFile } from "node:fs/promises";
import { BoxConfig, SiteConfig } from "@sitebox/core/contract";
import { ConfigError, parseConfig } from "@sitebox/core/kernel";

/** Reads a site from its own file or from a whole box's config. @throws ConfigError with all that is wrong in it */
export async function readSite(file: string): Promise<SiteConfig> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? `is not valid JSON: ${cause.message}` : "cannot be read";
    throw new ConfigError(`${file} ${why}`, { cause });
  }
  const whole = typeof json === "object" && json !== null && "site" in json;
  return whole ? parseConfig(json, BoxConfig, file).site : parseConfig(json, SiteConfig, file);
}
