import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** A sentence and what is meant; `intent` null is none of ours. */
export interface Sentence {
  readonly text: string;
  readonly intent: string | null;
  readonly slots: Readonly<Record<string, string>>;
}

export const flows = ["repair", "delivery", "to-human", "message", "outside"] as const;
export type Flow = (typeof flows)[number];

/** Written by hand apart from the lexicon and the grammars. They must not be used to improve them: or the figures would mean nothing. */
export async function readSentences(flow: Flow): Promise<Sentence[]> {
  const text = await readFile(join(import.meta.dirname, "../sentences", `${flow}.jsonl`), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Sentence);
}
