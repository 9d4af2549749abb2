import { createHash } from "node:crypto";
import type { Grammar } from "../../speech/index.ts";
import type { Expecting } from "../understanding/index.ts";
import type { Vocabulary } from "../vocabulary/index.ts";
import {
  always,
  at,
  bring,
  broken,
  classifiersOf,
  countedGoods,
  degrees,
  emergency,
  faultsOf,
  generic,
  inside,
  itemNames,
  links,
  namesOf,
  no,
  noRecording,
  nothingMore,
  numbers,
  openings,
  plainGoods,
  rather,
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
  const name = [expecting.slot, expecting.slot === "fault" ? expecting.item : expecting.kind].join("-");
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
      [0.5, `[<at>] ${room()} [房间 | 号房]`],
    ];
  };

  const answers = ((): [number, string][] => {
    switch (expecting.slot) {
      case "anything":
        return [...open(), [0.5, emergency], [0.2, noRecording]];
      case "more":
        return [...open(), [0.5, emergency], [6, nothingMore], [1, yes]];
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
        return confirmation(vocabulary, place(), expecting.kind, rule);
      case "correction":
        return [...open(), ...correction(vocabulary, place(), expecting.kind, rule)];
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
  // A yes or no stands alone: an opening 嗯 before 是 would make a yes of 不是.
  const whole = expecting.slot === "confirmation" ? body : `[${openings}] ${body} [${end}]`;
  return `#JSGF V1.0 UTF-8;\ngrammar turn;\npublic <turn> = ${whole};\n${text}\n`;
}

function confirmation(
  vocabulary: Vocabulary,
  place: string,
  kind: Expecting["kind"],
  rule: (name: string, text: string) => string,
): [number, string][] {
  return [[10, yes], [10, no], ...correction(vocabulary, place, kind, rule)];
}

/** What it is instead. A lone number is not among it: 可以 and 不要 sound like three digits. */
function correction(
  vocabulary: Vocabulary,
  place: string,
  kind: Expecting["kind"],
  rule: (name: string, text: string) => string,
): [number, string][] {
  const { items, deliveries } = vocabulary.site;
  const repair = kind !== "delivery" && items.length > 0;
  const delivery = kind !== "repair" && deliveries.length > 0;
  const other = weighted([
    [3, place],
    [2, repair ? rule("broken", broken(vocabulary)) : ""],
    [1, repair ? itemNames(vocabulary) : ""],
    [2, delivery ? rule("counted", countedGoods(vocabulary)) : ""],
    [1, delivery ? plainGoods(vocabulary) : ""],
    [1, delivery ? `<number> ${classifiersOf(vocabulary)}` : ""],
  ]);
  return [
    [4, other === "" ? "" : `${rather} ${other}`],
    [2, place === "" ? "" : `<at> <room> [${roomWords}]`],
    [2, place === "" ? "" : "<room> (房间 | 号房)"],
    [1, place === "" ? "" : `不是 ${place} 是 ${place}`],
  ];
}
