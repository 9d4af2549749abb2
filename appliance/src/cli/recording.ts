import { parseArgs } from "node:util";
import { verifyRecording, WavError } from "../media/index.ts";
import { type CommandIo, UsageError, writeLine } from "./command.ts";

const USAGE = "usage: sitebox recording verify [--digest <hex>] <wav>…     checks recordings against the hash chains beside them";

/**
 * Checks recordings against their hash chains and writes a JSON line for each. @returns 0 where all are intact, else 1 @throws UsageError
 */
export async function runRecording(args: readonly string[], { stdout }: CommandIo): Promise<number> {
  const { files, digest } = optionsOf(args);
  let isIntact = true;
  for (const file of files) {
    const verdict = await verifyRecording(file, digest).catch((error: NodeJS.ErrnoException | WavError) => {
      if (error instanceof WavError || error.code !== undefined) return { state: "unreadable", reason: error.message } as const;
      throw error;
    });
    isIntact &&= verdict.state === "intact";
    await writeLine(stdout, JSON.stringify({ file, ...verdict }));
  }
  return isIntact ? 0 : 1;
}

function optionsOf(args: readonly string[]): { files: readonly string[]; digest: string | undefined } {
  let values: { digest?: string };
  let positionals: string[];
  try {
    ({ values, positionals } = parseArgs({ args: [...args], options: { digest: { type: "string" } }, allowPositionals: true }));
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : String(cause)}\n${USAGE}`, { cause });
  }
  const [action, ...files] = positionals;
  if (action !== "verify" || files.length === 0) throw new UsageError(USAGE);
  if (values.digest !== undefined && files.length > 1) throw new UsageError(`a digest is that of one recording\n${USAGE}`);
  return { files, digest: values.digest };
}
