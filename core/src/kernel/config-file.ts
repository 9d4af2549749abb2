import { readFile } from "node:fs/promises";
import type { z } from "zod";

export class ConfigError extends Error {
  override name = "ConfigError";
}

function where(path: readonly PropertyKey[]): string {
  return (
    path.map((key, i) => (typeof key === "number" ? `[${key}]` : i === 0 ? String(key) : `.${String(key)}`)).join("") ||
    "the whole file"
  );
}

/** Reads and checks a JSON config file. All that is wrong is told at once, with its place in the file. @throws ConfigError */
export async function readConfigFile<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.output<Schema>> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? `is not valid JSON: ${cause.message}` : "cannot be read";
    throw new ConfigError(`${file} ${why}`, { cause });
  }
  return parseConfig(json, schema, file);
}

/** As {@link readConfigFile}, for what was read already. `name` says where it came from. @throws ConfigError */
export function parseConfig<Schema extends z.ZodType>(json: unknown, schema: Schema, name: string): z.output<Schema> {
  const { success, data, error } = schema.safeParse(json);
  if (success) return data;
  const lines = error.issues.map((issue) => `  ${where(issue.path)}: ${issue.message}`);
  throw new ConfigError(
    `${name} has ${lines.length === 1 ? "an error" : `${lines.length} errors`}; correct it and start again:\n${lines.join("\n")}`,
  );
}
