import type { TextMessage } from "@sitebox/core/contract";

/** The texts that fit what was typed, the newest first. */
export function findTexts(texts: readonly TextMessage[], typed: string): TextMessage[] {
  const wanted = typed.trim().toLowerCase();
  return texts
    .filter(({ number, text }) => number.includes(wanted) || text.toLowerCase().includes(wanted))
    .sort((a, b) => b.at - a.at);
}
