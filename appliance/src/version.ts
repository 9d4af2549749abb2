import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The software's version, as pages, logs and headquarters show it. */
export const software: string = (
  JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8")) as { version: string }
).version;
