import type { TextMessage } from "@sitebox/core/contract";

/** The texts that fit what was typed, the newest first. */
export function findTexts(texts: readonly TextMessage[], typed: string): TextMessage[] {
  const wanted = typed.trim().toLowerCase();
  return texts
    .filter(({ number, text }) => number.includes(wanted) || text.toLowerCase().includes(wanted))
    .sort((a, b) => b.at - a.at);
}

/** Whether there is somebody to answer. Whoever may not see the number answers all the same; a sender that has a name is nobody. */
export const isAnswerable = ({ direction, number }: TextMessage): boolean =>
  direction === "in" && /^\+?[0-9*]{3,20}$/.test(number);
