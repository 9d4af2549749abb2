import type { NumberRule } from "@sitebox/core/contract";

/** What a number becomes by the first rule that fits the whole of it; itself where none does. */
export function rewritten(number: string, rules: readonly NumberRule[]): string {
  for (const { match, replace } of rules) {
    const pattern = new RegExp(`^(?:${match})$`);
    if (pattern.test(number)) return number.replace(pattern, replace);
  }
  return number;
}

/** What may be dialled outside: nothing that means more than a number to the far end. */
export const isDiallable = (number: string): boolean => /^\+?[0-9A-Za-z*#._-]{1,64}$/.test(number);
