import type { Expecting, Thing } from "./analysis.ts";
import type { Phrase, Sentence } from "./sentence.ts";
import type { Token } from "./tokens.ts";

type Quantity = Token & { type: "quantity" };

const ASKED = 0.93;
const LACKING = 0.85;
const COUNTED = 0.86;
const EXPECTED = 0.9;
const NAMED_ONLY = 0.55;
const SOUND_ONLY = 0.84;
const NOT_OFFERED = 0.72;
/** Words between a count and its thing: 两瓶冰的矿泉水. */
const REACH = 5;

/** Things that a sentence asks to be brought, each with its own count. */
export function deliveriesIn(
  sentence: Sentence,
  used: ReadonlySet<Token>,
  expecting: Expecting,
): { things: Extract<Thing, { kind: "delivery" }>[] } {
  const { vocabulary } = sentence;
  const named = sentence.phrases.filter(
    (phrase) => phrase.entry.goods !== undefined && !used.has(phrase) && !sentence.declined(phrase.start),
  );
  const quantities = sentence.tokens.filter((token) => token.type === "quantity");
  const counts = pair(named, quantities, sentence);
  const shared = sentence.has("each") ? quantities.at(-1)?.quantity : undefined;
  const bring = sentence.phrases.filter(({ entry }) => entry.acts.has("bring-verb"));
  const lacking = sentence.phrases.filter((phrase) => phrase.entry.acts.has("lacking") && !used.has(phrase));
  const things: Extract<Thing, { kind: "delivery" }>[] = [];
  for (const phrase of named) {
    const goods = vocabulary.goods[fitting(phrase, counts.get(phrase), sentence)];
    if (!goods) continue;
    const asked = bring.some((verb) => verb.start < phrase.start || sentence.clausesBetween(verb.start, phrase.start) <= 1);
    const missing = lacking.some(
      (one) => Math.abs(one.start - phrase.start) <= 12 && sentence.clausesBetween(one.start, phrase.start) === 0,
    );
    const count = counts.get(phrase)?.quantity ?? shared;
    const confidence = asked
      ? ASKED
      : count !== undefined
        ? COUNTED
        : missing
          ? LACKING
          : expecting.slot === "goods"
            ? EXPECTED
            : NAMED_ONLY;
    const vague = count === undefined && sentence.has("vague-amount");
    const known = things.findIndex(
      ({ item, at }) => item === goods.name && sentence.placeOf(at) === sentence.placeOf(phrase.start),
    );
    const thing = {
      kind: "delivery" as const,
      at: phrase.start,
      item: goods.name,
      vague,
      confidence: confidence * (phrase.fuzzy ? SOUND_ONLY : 1) * (goods.offered ? 1 : NOT_OFFERED),
      ...(count !== undefined && { quantity: count }),
    };
    // "水,要两瓶水": the same thing twice is one request.
    if (known < 0) things.push(thing);
    else if (things[known]?.quantity === undefined) things.splice(known, 1, { ...thing, at: things[known]?.at ?? thing.at });
  }
  return { things };
}

/** 杯子 and 被子 sound alike: the measure word tells them apart. */
function fitting(phrase: Phrase, count: Quantity | undefined, sentence: Sentence): number {
  const { vocabulary } = sentence;
  const heard = phrase.entry.goods ?? -1;
  const classifier = count?.classifier;
  if (classifier === undefined || classifier === "个" || vocabulary.goods[heard]?.classifiers.includes(classifier)) return heard;
  for (const entries of vocabulary.sounds.values())
    if (entries.some(({ form }) => form === phrase.entry.form))
      for (const { goods } of entries)
        if (goods !== undefined && vocabulary.goods[goods]?.classifiers.includes(classifier)) return goods;
  return heard;
}

/** Which count belongs to which thing: "两条毛巾三条浴巾" counts before, "毛巾两条浴巾三条" counts after. */
function pair(named: readonly Phrase[], quantities: readonly Quantity[], sentence: Sentence): Map<Phrase, Quantity> {
  const pairs = new Map<Phrase, Quantity>();
  const free = new Set(quantities);
  const near = (from: number, to: number): boolean => to >= from && to - from <= REACH && sentence.clausesBetween(from, to) === 0;
  const first = named[0];
  const firstQuantity = quantities[0];
  const after = first !== undefined && firstQuantity !== undefined && first.start < firstQuantity.start;
  const take = (phrase: Phrase, quantity: Quantity | undefined): void => {
    if (!quantity || pairs.has(phrase)) return;
    pairs.set(phrase, quantity);
    free.delete(quantity);
  };
  const following = (phrase: Phrase, reach: (from: number, to: number) => boolean): Quantity | undefined =>
    [...free].find(
      (one) =>
        one.start >= phrase.end &&
        reach(phrase.end, one.start) &&
        !named.some((other) => other.start >= phrase.end && other.start < one.start),
    );
  const preceding = (phrase: Phrase): Quantity | undefined =>
    [...free].findLast(
      (one) =>
        one.end <= phrase.start &&
        near(one.end, phrase.start) &&
        !named.some((other) => other.start >= one.end && other.start < phrase.start),
    );
  for (const phrase of named) {
    take(phrase, after ? following(phrase, near) : preceding(phrase));
    take(phrase, after ? preceding(phrase) : following(phrase, near));
  }
  // "毛巾,要三条": one thing and one count left over belong together wherever they stand.
  const [only] = named;
  if (only && named.length === 1)
    take(only, [...free].filter((one) => one.classifier !== undefined || !sentence.has("each")).at(-1));
  return pairs;
}
