import type { Language } from "./locales/index.ts";

const DIGITS = [..."零一二三四五六七八九"];
const ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/** How a value is spoken: as it is, digit by digit, as a room (one is 幺) or as a count (two is 两). */
export type Spelling = "plain" | "digits" | "room" | "count";

const spellDigits = (text: string, language: Language, one: string): string =>
  Array.from(text, (character) => {
    const digit = /\d/.test(character) ? Number(character) : undefined;
    if (digit === undefined) return character;
    if (language === "en") return ENGLISH[digit] ?? character;
    return digit === 1 ? one : (DIGITS[digit] ?? character);
  }).join(language === "en" ? " " : "");

function count(value: number, language: Language): string {
  if (language === "en" || value > 99 || !Number.isInteger(value) || value < 0) return String(value);
  if (value === 2) return "两";
  if (value < 10) return DIGITS[value] ?? String(value);
  const tens = Math.floor(value / 10);
  return `${tens === 1 ? "" : (DIGITS[tens] ?? "")}十${value % 10 === 0 ? "" : (DIGITS[value % 10] ?? "")}`;
}

export function spell(text: string, spelling: Spelling, language: Language): string {
  switch (spelling) {
    case "plain":
      return text;
    case "digits":
      return spellDigits(text, language, "一");
    case "room":
      return spellDigits(text, language, "幺");
    case "count":
      return count(Number(text), language);
  }
}
