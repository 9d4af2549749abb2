import { SiteConfig } from "@sitebox/core/contract";
import { hotelTemplate } from "@sitebox/provisioning";
import { expect, test } from "vitest";
import type { Expecting } from "../understanding/index.ts";
import { compileVocabulary } from "../vocabulary/index.ts";
import { spokenRoom, turnGrammar } from "./index.ts";

const vocabulary = compileVocabulary(hotelTemplate);
const turns: Expecting[] = [
  { slot: "anything" },
  { slot: "more" },
  { slot: "room" },
  { slot: "item" },
  { slot: "fault", item: "空调" },
  { slot: "goods" },
  { slot: "quantity" },
  { slot: "confirmation", kind: "repair" },
  { slot: "confirmation", kind: "delivery" },
  { slot: "correction", kind: "repair" },
];

test.each(turns)("the grammar of $slot is well formed, and a person may be asked for in it", (expecting) => {
  const { jsgf, id } = turnGrammar(vocabulary, expecting);
  expect(jsgf).toMatch(/^#JSGF V1\.0 UTF-8;\ngrammar turn;\npublic <turn> = /);
  const defined = new Set(Array.from(jsgf.matchAll(/^(?:public )?<(\w+)> =/gm), (match) => match[1]));
  for (const [, used] of jsgf.matchAll(/<(\w+)>/g)) expect(defined.has(used), used).toBe(true);
  for (const [open, close] of [
    ["(", ")"],
    ["[", "]"],
  ] as const)
    expect(jsgf.split(open).length).toBe(jsgf.split(close).length);
  expect(jsgf).not.toMatch(/\(\s*\)|\[\s*\]|\|\s*\||\|\s*[)\]]/);
  expect(jsgf).toMatch(/人工/);
  expect(jsgf.length).toBeLessThan(40_000);
  expect(turnGrammar(vocabulary, expecting).id).toBe(id);
});

test("a grammar keeps its name as long as its rules, and another site gets another", () => {
  const again = turnGrammar(compileVocabulary(hotelTemplate), { slot: "room" });
  expect(again.id).toBe(turnGrammar(vocabulary, { slot: "room" }).id);
  const other = compileVocabulary(SiteConfig.parse({ ...hotelTemplate, rooms: ["101-104"], zones: [] }));
  expect(turnGrammar(other, { slot: "room" }).id).not.toBe(again.id);
});

test("a site that lists nothing still has grammars", () => {
  const bare = compileVocabulary(SiteConfig.parse({ name: "空" }));
  for (const expecting of turns) expect(turnGrammar(bare, expecting).jsgf).not.toMatch(/\(\s*\)|\[\s*\]/);
});

test("rooms are said digit by digit, in hundreds, and by floor and door", () => {
  expect(spokenRoom("806").map((way) => way.join(""))).toEqual(["八零六", "八百零六", "八楼零六"]);
  expect(spokenRoom("1203").map((way) => way.join(""))).toEqual(["一二零三", "十二楼零三", "十二零三"]);
});
