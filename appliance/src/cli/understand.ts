import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { UnderstandRequest } from "@sitebox/core/contract";
import { compileVocabulary, understand, type Vocabulary } from "../dialog/index.ts";
import { type CommandIo, UsageError, writeLine } from "./command.ts";
import { readSite } from "./site-file.ts";

const USAGE = 'usage: sitebox understand --site <config>     reads JSON lines {"text":"…"} from standard input';

/**
 * Reads sentences as JSON lines and writes what each asks for, one line each in the same order. A bad line gets an error in its place
 * and the rest goes on. @returns 0, or 1 where a line was bad @throws ConfigError, UsageError
 */
export async function runUnderstand(args: readonly string[], { stdin, stdout }: CommandIo): Promise<number> {
  const vocabulary = compileVocabulary(await readSite(siteOf(args)));
  let line = 0;
  let bad = 0;
  for await (const text of createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    const answer = answerTo(text, line, vocabulary);
    if ("error" in answer) bad++;
    await writeLine(stdout, JSON.stringify(answer));
  }
  return bad === 0 ? 0 : 1;
}

function siteOf(args: readonly string[]): string {
  let site: string | undefined;
  try {
    ({ site } = parseArgs({ args: [...args], options: { site: { type: "string" } } }).values);
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : String(cause)}\n${USAGE}`, { cause });
  }
  if (site === undefined) throw new UsageError(USAGE);
  return site;
}

function answerTo(text: string, line: number, vocabulary: Vocabulary): object {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return { error: `line ${line}: not JSON, write {"text":"…"}` };
  }
  const request = UnderstandRequest.safeParse(json);
  if (request.success) return understand(request.data.text, vocabulary);
  const [issue] = request.error.issues;
  return { error: `line ${line}: ${issue?.path.join(".") || "the line"}: ${issue?.message ?? "is not a request"}` };
}
