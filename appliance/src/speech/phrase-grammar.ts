import type { Grammar } from "./speech.ts";

const words = new Intl.Segmenter("zh", { granularity: "word" });

/** A grammar of whole phrases: exactly one of them is said. `id` must change with the phrases. */
export function phraseGrammar(id: string, phrases: readonly string[]): Grammar {
  const spoken = phrases.map(spaced).filter((phrase) => phrase !== "");
  return {
    id,
    jsgf: `#JSGF V1.0 UTF-8 zh;\ngrammar phrases;\npublic <phrase> = ${spoken.join(" | ")};\n`,
    hotwords: phrases,
  };
}

/** Word by word; punctuation, and with it everything that JSGF would read as its own, is left out. */
function spaced(phrase: string): string {
  return [...words.segment(phrase)].flatMap(({ segment, isWordLike }) => (isWordLike ? [segment] : [])).join(" ");
}
