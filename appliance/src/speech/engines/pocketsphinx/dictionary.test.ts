import { expect, test } from "vitest";
import { parseDictionary } from "./dictionary.ts";

const dictionary = parseDictionary(
  [
    "W.\td a b u l iu",
    "I.\tas ai",
    "F.\tes ei f u",
    "空\tk ong",
    "调\tt iao",
    "行\th ang",
    "行(2)\tx ing",
    "空调\tk ong t iao",
    "要\ty ao",
    "",
  ].join("\n"),
);
const said = (word: string) => dictionary.pronunciations(word).map(({ name, phones }) => `${name}: ${phones}`);

test("a word of the dictionary has every pronunciation it lists", () => {
  expect(said("空调")).toEqual(["空调: k ong t iao"]);
  expect(said("行")).toEqual(["行: h ang", "行(2): x ing"]);
});

test("a missing word is composed from the syllables of single characters", () => {
  expect(said("调空")).toEqual(["调空: t iao k ong"]);
  expect(said("幺")).toEqual(["幺: y ao"]);
});

test("letters are spelled", () => {
  expect(said("IF")).toEqual(["IF: as ai es ei f u"]);
});

test("what nobody can say has no pronunciation", () => {
  expect(said("λ")).toEqual([]);
});

test("syllables are listed once", () => {
  expect([...dictionary.syllables].sort()).toEqual(["h ang", "k ong", "t iao", "y ao"]);
});
