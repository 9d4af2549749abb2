import { bareOf, type Fault, type RepairItem, type Vocabulary } from "../vocabulary/index.ts";
import type { Expecting, Thing } from "./analysis.ts";
import type { Phrase, Sentence } from "./sentence.ts";
import type { Token } from "./tokens.ts";

interface Found {
  readonly at: number;
  readonly item: number;
  readonly faults: Fault[];
  confidence: number;
}

const SURE = 0.95;
const GENERIC = 0.88;
const FAR = 0.86;
const NAMELESS = 0.84;
const GUESSED = 0.62;
const FOREIGN = 0.68;
const VERB_ONLY = 0.8;
const ITEM_ONLY = 0.48;
const SOUND_ONLY = 0.84;
const UNLISTED = 0.9;

/** Repairs that a sentence asks for, and the tokens that they used up. */
export function repairsIn(
  sentence: Sentence,
  expecting: Expecting,
): { things: Extract<Thing, { kind: "repair" }>[]; used: Set<Token>; loneItem?: string } {
  const { vocabulary, phrases } = sentence;
  const used = new Set<Token>();
  const items = phrases.filter(({ entry }) => entry.item !== undefined);
  const found: Found[] = [];
  /** 卡 that was a symptom is no card any more. */
  const spent = new Set<Token>();

  const add = (at: number, item: number, fault: Fault | undefined, confidence: number): void => {
    const same = found.find((one) => one.item === item && sentence.placeOf(one.at) === sentence.placeOf(at));
    if (same) {
      if (fault && !same.faults.some(({ name }) => name === fault.name)) {
        // "坏了,不制冷": the particular fault says more than the general one.
        if (same.faults[0]?.generic) same.faults.splice(0, 1, fault);
        else if (!fault.generic) same.faults.push(fault);
      }
      same.confidence = Math.max(same.confidence, confidence);
    } else found.push({ at, item, faults: fault ? [fault] : [], confidence });
  };

  for (const symptom of phrases) {
    if (!symptom.entry.symptom) continue;
    const match = attach(symptom, items, sentence, spent);
    if (match) {
      if (sentence.declined(symptom.start) && !match.phrase.entry.symptom) continue;
      used.add(symptom);
      used.add(match.phrase);
      spent.add(symptom);
      add(
        Math.min(match.phrase.start, symptom.start),
        match.item,
        match.fault,
        match.confidence * (match.phrase.fuzzy || symptom.fuzzy ? SOUND_ONLY : 1),
      );
      continue;
    }
    const alone = vocabulary.alone.get(symptom.bare);
    const offersOther = symptom.entry.acts.has("lacking") || symptom.entry.acts.has("deny");
    if (expecting.slot === "fault" && expecting.item !== undefined) {
      const item = vocabulary.items.findIndex(({ name }) => name === expecting.item);
      const fault = item < 0 ? undefined : (faultFor(vocabulary, item, symptom.bare) ?? anyFault(sentence, symptom.bare));
      if (fault) {
        used.add(symptom);
        add(symptom.start, item, fault, SURE);
        continue;
      }
    }
    // "卡刷不开,进不去": the second says again what the first said.
    const told = found.find(
      (one) => sentence.placeOf(one.at) === sentence.placeOf(symptom.start) && faultFor(vocabulary, one.item, symptom.bare),
    );
    if (alone && told) {
      used.add(symptom);
      add(symptom.start, told.item, faultFor(vocabulary, told.item, symptom.bare), told.confidence);
      continue;
    }
    if (alone && (alone.sure || !offersOther) && !sentence.declined(symptom.start)) {
      used.add(symptom);
      const helped = sentence.has("repair-verb") ? 0.1 : 0;
      add(symptom.start, alone.item, alone.fault, (alone.sure ? NAMELESS : GUESSED + helped) * (symptom.fuzzy ? SOUND_ONLY : 1));
    }
  }

  // A guess beside something certain is a part of the same story.
  if (found.some(({ confidence }) => confidence > GUESSED + 0.1))
    for (const guess of found.filter(({ confidence }) => confidence <= GUESSED + 0.1)) found.splice(found.indexOf(guess), 1);

  const repairVerb = sentence.has("repair-verb");
  let loneItem: string | undefined;
  for (const phrase of items) {
    if (used.has(phrase) || sentence.declined(phrase.start)) continue;
    const item = phrase.entry.item ?? -1;
    if (found.some((one) => one.item === item)) continue;
    // A part of something already found: 空调…遥控器 is one request.
    if (phrase.entry.goods !== undefined && !repairVerb) continue;
    loneItem ??= vocabulary.items[item]?.name;
    if (found.length === 0 && phrase.entry.filler !== true && phrase.entry.form.length > (repairVerb ? 0 : 1))
      add(phrase.start, item, undefined, (repairVerb ? VERB_ONLY : ITEM_ONLY) * (phrase.fuzzy ? SOUND_ONLY : 1));
  }

  const things = found.map(({ at, item, faults, confidence }) => {
    const thing = vocabulary.items[item] as RepairItem;
    return {
      kind: "repair" as const,
      at,
      item: thing.name,
      faults: faults.map(({ name }) => name),
      confidence: confidence * (thing.site ? 1 : UNLISTED),
    };
  });
  return { things, used, ...(loneItem !== undefined && { loneItem }) };
}

const faultFor = (vocabulary: Vocabulary, item: number, bare: string): Fault | undefined =>
  vocabulary.faultOf[item]?.get(bare) ?? vocabulary.faultOf[item]?.get(bareOf(bare));

function anyFault(sentence: Sentence, bare: string): Fault | undefined {
  for (const meanings of sentence.vocabulary.faultOf) {
    const fault = meanings.get(bare);
    if (fault) return fault;
  }
  return undefined;
}

/** The item that a symptom is said of: the nearest that can have it, before it rather than after it. */
function attach(
  symptom: Phrase,
  items: readonly Phrase[],
  sentence: Sentence,
  spent: ReadonlySet<Token>,
): { phrase: Phrase; item: number; fault: Fault; confidence: number } | undefined {
  const { vocabulary } = sentence;
  const alone = vocabulary.alone.get(symptom.bare);
  if (alone?.named === true) return undefined;
  let best: { phrase: Phrase; item: number; fault: Fault; confidence: number; distance: number } | undefined;
  for (const phrase of items) {
    if (phrase === symptom || spent.has(phrase)) continue;
    const item = phrase.entry.item ?? -1;
    const fault = faultFor(vocabulary, item, symptom.bare);
    if (!fault) continue;
    const clauses = sentence.clausesBetween(phrase.start, symptom.start);
    const before = phrase.start < symptom.start;
    if (clauses > (before ? 2 : 0)) continue;
    // Another thing between them has the better claim.
    const gap = before ? symptom.start - phrase.end : phrase.start - symptom.end;
    const crossing = sentence.phrases.some(
      (one) =>
        one.entry.goods !== undefined &&
        one.entry.item === undefined &&
        one.start >= Math.min(phrase.end, symptom.end) &&
        one.end <= Math.max(phrase.start, symptom.start),
    );
    if (crossing && symptom.entry.acts.has("lacking")) continue;
    const distance = gap + clauses * 6 + (before ? 0 : 4);
    const listed = fault.generic ? GENERIC : SURE;
    const confidence = clauses > 0 || gap > 8 ? Math.min(FAR, listed) : listed;
    if (distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { phrase, item, fault, confidence, distance };
  }
  if (best) return best;
  return alone ? undefined : attachForeign(symptom, items, sentence);
}

/** A thing with a symptom that the tables do not know it to have: still a repair, though less surely. */
function attachForeign(
  symptom: Phrase,
  items: readonly Phrase[],
  sentence: Sentence,
): { phrase: Phrase; item: number; fault: Fault; confidence: number } | undefined {
  if (symptom.bare.length < 2 || symptom.entry.acts.size > 0) return undefined;
  const phrase = items.findLast((one) => one.start < symptom.start && sentence.clausesBetween(one.start, symptom.start) === 0);
  const fault = anyFault(sentence, symptom.bare);
  if (!phrase || !fault || phrase.entry.form.length < 2) return undefined;
  return { phrase, item: phrase.entry.item ?? -1, fault, confidence: FOREIGN };
}
