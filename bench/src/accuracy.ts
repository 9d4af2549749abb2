import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import type { Understanding } from "@sitebox/core/contract";
import { humanVoice, repository } from "@sitebox/test";
import { type Flow, flows, readSentences, type Sentence } from "./sentences.ts";

export interface Accuracy {
  readonly flow: Flow;
  readonly way: "text" | "voice";
  readonly sentences: number;
  readonly rightIntents: number;
  readonly slots: number;
  readonly rightSlots: number;
}

async function sitebox(args: readonly string[], input: string): Promise<Understanding[]> {
  const child = spawn(join(repository, "bin/sitebox"), args, { stdio: ["pipe", "pipe", "inherit"], cwd: repository });
  child.stdin.end(input);
  const [output] = await Promise.all([textOf(child.stdout), once(child, "exit")]);
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Understanding);
}

function score(flow: Flow, way: Accuracy["way"], sentences: readonly Sentence[], answers: readonly Understanding[]): Accuracy {
  let [rightIntents, slots, rightSlots] = [0, 0, 0];
  for (const [i, { intent, slots: wanted }] of sentences.entries()) {
    const answer = answers[i];
    const [first] = answer?.intents ?? [];
    // Nothing of ours: right is not to act on it.
    if (intent === null ? answer?.band !== "act" : first?.intent === intent) rightIntents++;
    for (const [name, value] of Object.entries(wanted)) {
      slots++;
      if (first?.slots[name] === value) rightSlots++;
    }
  }
  return { flow, way, sentences: sentences.length, rightIntents, slots, rightSlots };
}

/** How `sitebox understand` and `sitebox listen` answer to sentences they have not seen; the voice is human, at telephone quality. */
export async function measureAccuracy(siteFile: string, progress: (text: string) => void): Promise<Accuracy[]> {
  const figures: Accuracy[] = [];
  for (const flow of flows) {
    const sentences = await readSentences(flow);
    const lines = sentences.map(({ text }) => JSON.stringify({ text })).join("\n");
    figures.push(score(flow, "text", sentences, await sitebox(["understand", "--site", siteFile], `${lines}\n`)));
    const voices: string[] = [];
    for (const { text } of sentences) voices.push(await humanVoice(text));
    figures.push(score(flow, "voice", sentences, await sitebox(["listen", "--site", siteFile, ...voices], "")));
    progress(`accuracy of ${flow}`);
  }
  return figures;
}
