import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pinyin } from "pinyin-pro";
import { SpeechError } from "../../seams/index.ts";

/** One way of saying a word: the word as a decoder names it (`行`, `行(2)`) and its phones. */
export interface Pronunciation {
  readonly name: string;
  readonly phones: string;
}

/** How words are said, in the phones of the acoustic model. */
export interface Dictionary {
  /** Every pronunciation of a word; composed from its pinyin (or its letters) where the dictionary lacks it. Empty when it cannot be said. */
  pronunciations(word: string): readonly Pronunciation[];
  /** The phones of every syllable of the language, once each. */
  readonly syllables: readonly string[];
}

/** Names of the model's files below `modelsDir`. */
export const MODEL_FOLDER = join("pocketsphinx-zh", "mandarin_ptm3_notone_3s_8k.cd_ptm_5000");
export const DICTIONARY_FILE = join("pocketsphinx-zh", "mandarin_notone.dic");

const HAN = /^\p{Script=Han}$/u;
/** A one on the telephone, in room numbers and extensions. */
const TELEPHONE_ONE = "幺";

/** Reads the CMU dictionary (lines of a word, a tab, its phones). @throws SpeechError `bad-model` when it cannot be read. */
export async function loadDictionary(file: string): Promise<Dictionary> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new SpeechError("bad-model", `the pronunciation dictionary ${file} cannot be read`, { cause });
  });
  return parseDictionary(text);
}

export function parseDictionary(text: string): Dictionary {
  const words = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [name, phones] = line.split(/\s+(.*)/s, 2);
    if (!name || !phones) continue;
    const word = name.replace(/\(\d+\)$/, "");
    const known = words.get(word);
    if (known) known.push(phones.trim());
    else words.set(word, [phones.trim()]);
  }
  const syllables = syllableTable(words);
  return {
    syllables: [...new Set(syllables.values())],
    pronunciations: (word) => {
      const known = word === TELEPHONE_ONE ? undefined : words.get(word);
      const phones = known ?? compose(word, words, syllables);
      return [...new Set(phones)].map((spoken, index) => ({
        name: index === 0 ? word : `${word}(${index + 1})`,
        phones: spoken,
      }));
    },
  };
}

/** Toneless pinyin → phones, by what most single-character entries of that reading say. */
function syllableTable(words: ReadonlyMap<string, readonly string[]>): Map<string, string> {
  const votes = new Map<string, Map<string, number>>();
  for (const [word, [phones]] of words) {
    if (!HAN.test(word) || phones === undefined) continue;
    const reading = readings(word)[0];
    if (reading === undefined) continue;
    const ballot = votes.get(reading) ?? new Map<string, number>();
    ballot.set(phones, (ballot.get(phones) ?? 0) + 1);
    votes.set(reading, ballot);
  }
  const table = new Map<string, string>();
  for (const [reading, ballot] of votes) {
    const winner = [...ballot].reduce((best, one) => (one[1] > best[1] ? one : best));
    table.set(reading, winner[0]);
  }
  return table;
}

function readings(word: string): string[] {
  return pinyin(word, { toneType: "none", type: "array", v: true });
}

function compose(word: string, words: ReadonlyMap<string, readonly string[]>, syllables: ReadonlyMap<string, string>): string[] {
  const phones = readings(word).flatMap((reading) => syllables.get(reading) ?? spelled(reading, words) ?? [undefined]);
  return phones.every((part) => part !== undefined) ? [phones.join(" ")] : [];
}

/** Latin letters are spelled with the dictionary's own letters (`A.`). */
function spelled(text: string, words: ReadonlyMap<string, readonly string[]>): string | undefined {
  const letters = [...text].map((letter) => words.get(`${letter.toUpperCase()}.`)?.[0]);
  return letters.length > 0 && letters.every((letter) => letter !== undefined) ? letters.join(" ") : undefined;
}
