import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { SpeechError } from "../speech.ts";

/** A file of a model, relative to the folder it is listed for. */
export interface ModelFile {
  readonly path: string;
  readonly sha256: string;
}

/**
 * Checks files before an engine loads them: a wrong model ends the engine's process instead of failing.
 * @throws SpeechError `no-engine` when one is missing, `bad-model` when one is damaged; the message names it and what to do
 */
export async function verifyModel(folder: string, files: readonly ModelFile[]): Promise<void> {
  for (const { path, sha256 } of files) {
    const file = join(folder, path);
    const found = await stat(file).catch(() => undefined);
    if (!found?.isFile()) throw new SpeechError("no-engine", `the model file ${file} is missing: install the speech models`);
    if ((await digest(file)) !== sha256) {
      throw new SpeechError(
        "bad-model",
        `the model file ${file} is damaged (its SHA-256 is wrong): remove it and install the speech models again`,
      );
    }
  }
}

async function digest(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
