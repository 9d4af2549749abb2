import type { TextMessage } from "@sitebox/core/contract";
import { expect, it } from "vitest";
import { findTexts, isAnswerable } from "./find-texts.ts";

const text = (id: string, number: string, words: string, at: number): TextMessage => ({
  id,
  line: "gsm-1",
  direction: "in",
  number,
  text: words,
  state: "received",
  at,
});
const texts = [text("a", "13800138000", "Tap drips", 1), text("b", "10086", "balance", 2)];

it("texts are found by number or words, the newest first", () => {
  const ids = (typed: string) => findTexts(texts, typed).map(({ id }) => id);
  expect(ids("")).toEqual(["b", "a"]);
  expect(ids("1380")).toEqual(["a"]);
  expect(ids(" DRIPS ")).toEqual(["a"]);
  expect(ids("nothing")).toEqual([]);
});

it("who wrote is answered whether or not the number is shown, a name is not, nor what we sent", () => {
  const one = text("a", "13800138000", "Tap drips", 1);
  expect(["13800138000", "+85291234567", "138****8000", "CMCC"].map((number) => isAnswerable({ ...one, number }))).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(isAnswerable({ ...one, direction: "out" })).toBe(false);
});
