import { pinyin } from "pinyin-pro";

const DIGITS = "零一二三四五六七八九";
/** What the voice pauses at. */
const PAUSES: Readonly<Record<string, string>> = {
  "，": ",",
  "、": ",",
  "；": ";",
  "：": ",",
  "。": ".",
  "？": "?",
  "！": "!",
  "…": ".",
};

/**
 * A Chinese text as espeak-ng's `cmn-latn-pinyin` voice reads it: numbered pinyin, syllable by syllable (5 is the neutral tone).
 * Digits are read one by one, as rooms and ticket numbers are; whoever means a quantity writes it in characters.
 * Latin words are handed to the English voice by SSML.
 */
export function spokenPinyin(text: string): string {
  const characters = text.replace(/\d/g, (digit) => DIGITS[Number(digit)] ?? digit);
  return (characters.match(/[A-Za-z][A-Za-z' -]*|[^A-Za-z]+/g) ?? [])
    .map((part) => (/^[A-Za-z]/.test(part) ? `<voice name="en">${part.trim()}</voice>` : syllables(part)))
    .join(" ");
}

function syllables(text: string): string {
  return pinyin(text, { toneType: "num", type: "array", v: true, nonZh: "spaced" })
    .map((part) => PAUSES[part] ?? (/^[a-zv]+\d$/.test(part) ? part.replace(/0$/, "5") : escapeMarkup(part)))
    .join(" ");
}

/** Text inside SSML. */
export function escapeMarkup(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
