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
  countedGoods,
  degrees,
  faultsOf,
  generic,
  inside,
  itemNames,
  links,
  namesOf,
  no,
  nothingMore,
  numbers,
  openings,
  plainGoods,
  roomWords,
  tails,
  to,
  weighted,
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
  const { items, deliveries } = vocabulary.site;
  const room = (): string => (hasRooms ? rule("room", roomTree(vocabulary.rooms)) : "");
  const place = (): string => (hasRooms ? rule("place", `[${rule("at", at)}] ${room()} [${roomWords}]`) : "");
  const repair = (): string => (items.length === 0 ? "" : rule("broken", broken(vocabulary)));
  const counted = (): string => (deliveries.length === 0 ? "" : rule("counted", countedGoods(vocabulary)));
  const goods = (): string =>
    deliveries.length === 0
      ? ""
      : rule(
          "goods",
          weighted([
            [10, `${rule("bring", bring)} ${counted()}`],
            [0.2, counted()],
            [2, `<bring> ${plainGoods(vocabulary)}`],
          ]),
        );
  const wanted = (): string =>
    rule(
      "wanted",
      weighted([
        [1, repair()],
        [1, goods()],
      ]),
    );
  const open = (): [number, string][] => {
    if (items.length + deliveries.length === 0) return [[1, place()]];
    if (!hasRooms) return [[6, `[${inside}] ${wanted()}`]];
    return [
      [6, `${place()} ${wanted()}`],
      [4, `[${inside}] ${wanted()} [${to} ${room()}]`],
      [0.5, place()],
    ];
  };

  const answers = ((): [number, string][] => {
    switch (expecting.slot) {
      case "anything":
        return open();
      case "more":
        return [...open(), [6, nothingMore], [1, yes]];
      case "room":
        return [[8, place()]];
      case "item":
        return [
          [4, repair()],
          [4, items.length === 0 ? "" : itemNames(vocabulary)],
        ];
      case "fault": {
        const item = vocabulary.items.find(({ name }) => name === expecting.item);
        return item
          ? [
              [6, `[${namesOf(item)}] [<degree>] ${faultsOf(item)}`],
              [2, `[${namesOf(item)}] ${generic}`],
            ]
          : [[1, generic]];
      }
      case "goods":
        return [
          [6, goods()],
          [2, deliveries.length === 0 ? "" : plainGoods(vocabulary)],
        ];
      case "quantity":
        return [[6, `[要 | 来 | 送 | 就] <number> [${classifiersOf(vocabulary)}]`]];
      case "confirmation":
        return confirmation(vocabulary, place(), rule);
    }
  })();
  // One thing more may be asked for in the same breath; rarely, so that it does not swallow what was not understood.
  const both = deliveries.length > 0 && (expecting.slot === "anything" || expecting.slot === "more");
  const end = weighted([
    [60, tails],
    [1, both ? `${links} ${counted()} [谢谢]` : ""],
  ]);
  const body = weighted([...answers, [2, rule("always", always)]]);
  const text = [...rules].map(([name, rightSide]) => `<${name}> = ${rightSide};`).join("\n");
  return `#JSGF V1.0 UTF-8;\ngrammar turn;\npublic <turn> = [${openings}] ${body} [${end}];\n${text}\n`;
}

function confirmation(vocabulary: Vocabulary, place: string, rule: (name: string, text: string) => string): [number, string][] {
  const { items, deliveries } = vocabulary.site;
  const right = weighted([
    [3, place],
    [2, items.length === 0 ? "" : rule("broken", broken(vocabulary))],
    [1, items.length === 0 ? "" : itemNames(vocabulary)],
    [
      2,
      deliveries.length === 0
        ? ""
        : weighted([
            [2, rule("counted", countedGoods(vocabulary))],
            [1, plainGoods(vocabulary)],
          ]),
    ],
    [1, `<number> ${classifiersOf(vocabulary)}`],
  ]);
  return [
    [10, yes],
    [10, no],
    [4, `[${choice([no, "应该 是", "是"])}] ${right}`],
    [1, place === "" ? "" : `不是 ${place} 是 ${place}`],
  ];
}
