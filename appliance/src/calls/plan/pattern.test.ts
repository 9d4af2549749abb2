import { expect, test } from "vitest";
import { patternTest, spellingsOf } from "./pattern.ts";

test("a pattern is about the whole number", () => {
  const fits = patternTest("1[3-9]\\d{9}|110");
  expect(["13800138000", "110", "113800138000", "1100", "x110"].map(fits)).toEqual([true, true, false, false, false]);
});

test.each<[string, string]>([
  ["+8613800138000", "13800138000"],
  ["008613800138000", "13800138000"],
  ["8613800138000", "13800138000"],
  ["013800138000", "13800138000"],
  ["+8657112345678", "57112345678"],
])("%s is also %s", (caller, national) => {
  expect(spellingsOf(caller)).toContain(national);
});

test("a number that is withheld has no other spelling, and 86 begins other numbers too", () => {
  expect(spellingsOf("")).toEqual([""]);
  expect(spellingsOf("8612345")).toEqual(["8612345"]);
});
