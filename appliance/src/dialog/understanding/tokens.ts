import { commonClassifiers } from "../lexicon/index.ts";
import { bareOf, type Entry, skeletonOf, toneless, type Vocabulary } from "../vocabulary/index.ts";
import { cardinal, NUMERAL } from "./numbers.ts";
import { findRooms } from "./rooms.ts";

interface Span {
  readonly start: number;
  readonly end: number;
}

export type Token = Span &
  (
    | {
        readonly type: "phrase";
        readonly entry: Entry /** Its form without degree words. */;
        readonly bare: string /** Found by its sound only. */;
        readonly fuzzy: boolean;
      }
    | { readonly type: "room"; readonly room: string; readonly known: boolean }
    | { readonly type: "quantity"; readonly quantity: number; readonly classifier?: string }
    | { readonly type: "break"; readonly question: boolean }
  );

const QUANTITY = new RegExp(`(半打|[${NUMERAL}俩仨]+)(个半)?`, "guy");
/** Numbers with these are no counts of things. */
const NOT_A_COUNT =
  /^(?:号|楼|层|度|点|分|块钱|元|小时|天|晚|年|月|次|遍|下|会|直|闪|样|起|定|般|股|阵|动|个(?:人|小时|多小时|钟|半|月|劲)|位|直|共|半|边|些|把手|跳|亮|明|卡)/u;

/** 只有一双: what there is, not what is wanted. */
const HAS = /(?:只有|就|就剩|只剩|剩|才|就有|里有|上有|我们|一共|有了)$/u;

const NUMERALS = new RegExp(`[${NUMERAL}]`, "u");

const isContent = (entry: Entry): boolean => entry.item !== undefined || entry.goods !== undefined || entry.symptom === true;

/** How much a phrase explains: long phrases beat short ones, things beat fillers. */
function weight(entry: Entry, length: number, fuzzy: boolean): number {
  const worth = isContent(entry) ? 1.1 : entry.acts.size > 0 ? 1 : 0.6;
  return length * length * worth * (fuzzy ? 0.5 : 1);
}

/** Counts with their measure words: 两条, 一打, 俩, 3瓶. What is in `rooms` is none, also where a count follows without a pause: 806两瓶水. */
export function findQuantities(
  text: string,
  classifiers: readonly string[],
  rooms: readonly Span[] = [],
): (Token & { type: "quantity" })[] {
  const found: (Token & { type: "quantity" })[] = [];
  for (let start = 0; start < text.length; start++) {
    const room = rooms.find((span) => start >= span.start && start < span.end);
    if (room) {
      start = room.end - 1;
      continue;
    }
    QUANTITY.lastIndex = start;
    const number = QUANTITY.exec(text)?.[1];
    if (number === undefined) continue;
    const after = text.slice(start + number.length);
    const classifier = classifiers.find((one) => after.startsWith(one));
    const end = start + number.length + (classifier?.length ?? 0);
    if (NOT_A_COUNT.test(after) || HAS.test(text.slice(0, start))) {
      start += number.length - 1;
      continue;
    }
    if (number === "半打") found.push({ type: "quantity", start, end: start + 2, quantity: 6, classifier: "打" });
    else {
      // 两三个: the larger is meant to be enough.
      const range =
        /^[一二两三四五六七八九]{2}$/u.test(number) && classifier !== undefined && classifier !== "打"
          ? number.slice(-1)
          : number;
      const value = /^[俩仨]$/u.test(number) ? (number === "俩" ? 2 : 3) : cardinal(range);
      if (value !== undefined && value > 0 && value < 1_000) {
        // 俩杯子: the measure word may be the beginning of the thing.
        found.push({ type: "quantity", start, end: start + number.length, quantity: value });
        if (classifier !== undefined)
          found.push({ type: "quantity", start, end, quantity: classifier === "打" ? value * 12 : value, classifier });
      }
    }
    start += number.length - 1;
  }
  return found;
}

function phrases(text: string, vocabulary: Vocabulary): (Token & { type: "phrase" })[] {
  const found: (Token & { type: "phrase" })[] = [];
  for (let start = 0; start < text.length; start++)
    for (const entry of vocabulary.index.at(text, start))
      found.push({ type: "phrase", start, end: start + entry.form.length, entry, bare: bareOf(entry.form), fuzzy: false });
  const skeleton = skeletonOf(text);
  for (let start = 0; start < skeleton.text.length; start++)
    for (const entry of vocabulary.skeletons.at(skeleton.text, start)) {
      const from = skeleton.at[start] ?? 0;
      const to = (skeleton.at[start + entry.form.length - 1] ?? 0) + 1;
      // Degree words join, marks do not: the halves of two clauses are no symptom.
      if (to - from > entry.form.length && !/[,?]/.test(text.slice(from, to)))
        found.push({ type: "phrase", start: from, end: to, entry, bare: entry.form, fuzzy: false });
    }
  return found;
}

function sounding(text: string, vocabulary: Vocabulary): (Token & { type: "phrase" })[] {
  const syllables = toneless(text);
  if (syllables.length !== text.length) return [];
  const found: (Token & { type: "phrase" })[] = [];
  for (let start = 0; start < text.length; start++)
    for (let length = 2; length <= Math.min(vocabulary.longestSound, text.length - start); length++) {
      const said = text.slice(start, start + length);
      if (NUMERALS.test(said)) continue;
      for (const entry of vocabulary.sounds.get(syllables.slice(start, start + length).join(" ")) ?? [])
        if (entry.form !== said)
          found.push({ type: "phrase", start, end: start + length, entry, bare: bareOf(entry.form), fuzzy: true });
    }
  return found;
}

/** Cuts a sentence into the phrases, rooms and counts that explain most of it. Text must be normalised. */
export function tokenise(text: string, vocabulary: Vocabulary, expected: { readonly room: boolean }): Token[] {
  const classifiers = [...new Set([...commonClassifiers, ...vocabulary.goods.flatMap((goods) => goods.classifiers)])].sort(
    (a, b) => b.length - a.length,
  );
  const rooms: Token[] = findRooms(text, vocabulary.rooms, expected.room).map((mention) => ({ type: "room", ...mention }));
  const free = (span: Span): boolean => !rooms.some((room) => span.start < room.end && room.start < span.end);
  const candidates: { token: Token; worth: number }[] = [
    ...phrases(text, vocabulary).map((token) => ({ token, worth: weight(token.entry, token.end - token.start, false) })),
    ...sounding(text, vocabulary).map((token) => ({ token, worth: weight(token.entry, token.end - token.start, true) })),
    ...findQuantities(text, classifiers, rooms).map((token) => {
      const length = token.end - token.start;
      return { token, worth: token.classifier === undefined ? 0.5 * length : length * length * 1.05 };
    }),
  ].filter(({ token }) => free(token));
  for (const room of rooms) candidates.push({ token: room, worth: 1_000 });

  const from = Map.groupBy(candidates, ({ token }) => token.start);
  const best: { worth: number; token?: Token }[] = Array.from({ length: text.length + 1 }, () => ({ worth: 0 }));
  for (let start = text.length - 1; start >= 0; start--) {
    let choice: { worth: number; token?: Token } = { worth: best[start + 1]?.worth ?? 0 };
    for (const { token, worth } of from.get(start) ?? []) {
      const total = worth + (best[token.end]?.worth ?? 0);
      if (total > choice.worth) choice = { worth: total, token };
    }
    best[start] = choice;
  }
  const tokens: Token[] = [];
  for (let index = 0; index < text.length; ) {
    const token = best[index]?.token;
    const mark = text.charAt(index);
    if (token) tokens.push(token);
    else if (mark === "," || mark === "?") tokens.push({ type: "break", start: index, end: index + 1, question: mark === "?" });
    index = token?.end ?? index + 1;
  }
  return tokens;
}
