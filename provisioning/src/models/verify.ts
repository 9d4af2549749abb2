import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type ModelFile, manifest } from "./manifest.ts";

export type FileState = "whole" | "missing" | "corrupt";

/** Lower-case hex SHA-256 of a file. */
export async function sha256Of(path: string): Promise<string> {
  const digest = createHash("sha256");
  await pipeline(createReadStream(path), digest);
  return digest.digest("hex");
}

/** Whether `path` is the file that the manifest names: its length first, then its digest. */
export async function stateOf(path: string, file: ModelFile): Promise<FileState> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return "missing";
  if (found.size !== file.bytes) return "corrupt";
  return (await sha256Of(path)) === file.sha256 ? "whole" : "corrupt";
}

/** The files of the manifest that are not whole in `folder`, with what is wrong; empty when all are. */
export async function verifyModels(
  folder: string,
  files: readonly ModelFile[] = manifest,
): Promise<readonly { readonly file: ModelFile; readonly state: "missing" | "corrupt" }[]> {
  const states = await Promise.all(files.map(async (file) => ({ file, state: await stateOf(join(folder, file.path), file) })));
  return states.flatMap(({ file, state }) => (state === "whole" ? [] : [{ file, state }]));
}
