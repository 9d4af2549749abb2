import { createHash } from "node:crypto";
import type { Grammar } from "../../speech/index.ts";
import type { Expecting } from "../understanding/index.ts";
import type { Vocabulary } from "../vocabulary/index.ts";
import {
  always,
  at,
  bring,
  broken,
  choice,
  classifiersOf,
  degrees,
  faultsOf,
  generic,
  goodsPhrases,
  itemNames,
  links,
  namesOf,
  no,
  nothingMore,
  numbers,
  openings,
  roomWords,
  tails,
  yes,
} from "./phrases.ts";
import { roomTree } from "./rooms.ts";

const kept = new WeakMap<Vocabulary, Map<string, Grammar>>();

/**
 * What may be said at one question, as JSGF from the same tables that understanding reads. Rooms are the site's list, each spelled out;
 * every rule has optional openings and tails; a person, a message and a repeat may be asked for at any time. The result is kept per vocabulary.
 */
export function turnGrammar(vocabulary: Vocabulary, expecting: Expecting): Grammar {
  const name = expecting.slot === "fault" ? `fault-${expecting.item ?? ""}` : expecting.slot;
  const known = kept.get(vocabulary)?.get(name);
  if (known) return known;
  const jsgf = write(vocabulary, expecting);
  const grammar = {
    id: `${expecting.slot}-${createHash("sha1").update(jsgf).digest("hex").slice(0, 12)}`,
    jsgf,
    hotwords: hotwordsOf(vocabulary),
  };
  kept.set(vocabulary, (kept.get(vocabulary) ?? new Map<string, Grammar>()).set(name, grammar));
  return grammar;
}

const hotwordsOf = (vocabulary: Vocabulary): string[] => [
  ...new Set([
    ...vocabulary.site.items.flatMap((item) => [item.name, ...item.synonyms, ...item.faults.map(({ name }) => name)]),
    ...vocabulary.site.deliveries.flatMap((delivery) => [delivery.name, ...delivery.synonyms]),
  ]),
];

function write(vocabulary: Vocabulary, expecting: Expecting): string {
  const rules = new Map<string, string>();
  const hasRooms = vocabulary.rooms.size > 0;
  const rule = (name: string, text: string): string => {
    if (!rules.has(name)) rules.set(name, text);
    return `<${name}>`;
  };
  rule("degree", degrees);
  rule("number", numbers);
  const room = (): string => rule("room", roomTree(vocabulary.rooms));
  const place = (): string => rule("place", `[${rule("at", at)}] ${room()} [${roomWords}]`);
  const wanted = (): string => {
    const repairs = vocabulary.site.items.length === 0 ? [] : [rule("broken", broken(vocabulary))];
    const goods =
      vocabulary.site.deliveries.length === 0 ? [] : [`[${rule("bring", bring)}] ${rule("goods", goodsPhrases(vocabulary))}`];
    return rule("wanted", choice([...repairs, ...goods]));
  };
  const more = (): string =>
    vocabulary.site.deliveries.length === 0
      ? ""
      : `[${rule("links", links)} ${rule("bring", bring)} ${rule("goods", goodsPhrases(vocabulary))}]`;
  const lists = vocabulary.site.items.length + vocabulary.site.deliveries.length > 0;
  const open = (): string[] => {
    if (!lists) return hasRooms ? [place()] : [];
    return hasRooms ? [`${place()} [${wanted()} ${more()}]`, `${wanted()} ${more()} [${place()}]`] : [`${wanted()} ${more()}`];
  };

  const answers = ((): string[] => {
    switch (expecting.slot) {
      case "anything":
        return open();
      case "more":
        return [...open(), nothingMore, yes];
      case "room":
        return hasRooms ? [place()] : [];
      case "item":
        return vocabulary.site.items.length === 0 ? [] : [rule("broken", broken(vocabulary)), itemNames(vocabulary)];
      case "fault": {
        const item = vocabulary.items.find(({ name }) => name === expecting.item);
        return item ? [`[${namesOf(item)}] [<degree>] ${faultsOf(item)}`, `[${namesOf(item)}] ${generic}`] : [generic];
      }
      case "goods":
        return vocabulary.site.deliveries.length === 0 ? [] : [`[${bring}] ${rule("goods", goodsPhrases(vocabulary))}`];
      case "quantity":
        return [`[要 | 来 | 送 | 就] <number> [${classifiersOf(vocabulary)}]`];
      case "confirmation":
        return confirmation(vocabulary, hasRooms ? place() : undefined, rule);
    }
  })();
  const body = choice([...answers, rule("always", always)]);
  const text = [...rules].map(([name, rightSide]) => `<${name}> = ${rightSide};`).join("\n");
  return `#JSGF V1.0 UTF-8;\ngrammar turn;\npublic <turn> = [${openings}] ${body} [${tails}];\n${text}\n`;
}

function confirmation(vocabulary: Vocabulary, place: string | undefined, rule: (name: string, text: string) => string): string[] {
  const things = [
    ...(vocabulary.site.items.length > 0 ? [rule("broken", broken(vocabulary)), itemNames(vocabulary)] : []),
    ...(vocabulary.site.deliveries.length > 0 ? [rule("goods", goodsPhrases(vocabulary))] : []),
    `<number> [${classifiersOf(vocabulary)}]`,
  ];
  const right = choice([...(place === undefined ? [] : [place]), ...things]);
  return [yes, no, `[${choice([no, "应该 是", "是"])}] ${right}`, ...(place === undefined ? [] : [`不是 ${place} 是 ${place}`])];
}
