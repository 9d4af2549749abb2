import fc from "fast-check";
import { expect, test } from "vitest";
import { cardinal, digitStrings, digitsOf } from "./numbers.ts";

test.each([
  ["十二", 12],
  ["二十", 20],
  ["一百二十", 120],
  ["八百零六", 806],
  ["八百六", 860],
  ["一千二百零三", 1203],
  ["两", 2],
  ["12", 12],
])("%s is %d", (text, value) => {
  expect(cardinal(text)).toBe(value);
});

test.each(["十十", "百", "一二", "二三十", ""])("%s is no number", (text) => {
  expect(cardinal(text)).toBeUndefined();
});

test("digits are read one by one, also those of the telephone", () => {
  expect(digitsOf("八零六")).toBe("806");
  expect(digitsOf("幺三洞九")).toBe("1309");
  expect(digitsOf("拐勾")).toBe("79");
  expect(digitsOf("八百")).toBeUndefined();
});

test("a floor and a door in one breath are one room", () => {
  expect(digitStrings("十二零六")).toContain("1206");
  expect(digitStrings("二十一零三")).toContain("2103");
});

const DIGITS = [..."零一二三四五六七八九"];
test("every number of up to four digits is found again when it is spelled out", () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 9_999 }), (value) => {
      const spelled = Array.from(String(value), (digit) => DIGITS[Number(digit)] ?? "").join("");
      expect(digitStrings(spelled)).toContain(String(value));
      expect(digitStrings(spelled.replaceAll("一", "幺"))).toContain(String(value));
    }),
  );
});
