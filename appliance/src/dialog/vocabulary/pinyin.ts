import { pinyin } from "pinyin-pro";

/** Initials and finals that speakers and recognisers of Mandarin confuse. */
const blur = (syllable: string): string =>
  syllable
    .replace(/^([zcs])h/, "$1")
    .replace(/([aei])ng$/, "$1n")
    .toLowerCase();

/** One blurred syllable for each character: "制冷" and "支冷" are the same. Other characters stand for themselves. */
export const toneless = (text: string): readonly string[] =>
  pinyin(text, { toneType: "none", type: "array", v: true, nonZh: "spaced" }).map(blur);
