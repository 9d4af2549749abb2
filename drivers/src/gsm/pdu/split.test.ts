import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Content, splitText, textOf } from "./index.ts";
import { anyText, gsmText } from "./testing/index.ts";

const lengthOf = (content: Content) =>
  content.alphabet === "gsm" ? content.septets.length : content.alphabet === "ucs2" ? content.units.length : content.bytes.length;

describe("splitText", () => {
  test("what it makes reads the same, and fits", () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, wide) => {
        const parts = splitText(text, { wide });
        expect(textOf(parts)).toBe(text.toWellFormed());
        for (const part of parts) {
          const room = part.alphabet === "gsm" ? [160, 153, 152] : [70, 67, 66];
          expect(lengthOf(part)).toBeLessThanOrEqual(room[parts.length === 1 ? 0 : wide ? 2 : 1] ?? 0);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("each part reads for itself: no pair of surrogates and no escape is cut", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const parts = splitText(text);
        expect(parts.map((part) => textOf([part])).join("")).toBe(text.toWellFormed());
      }),
      { numRuns: 500 },
    );
  });

  test("a text of the GSM alphabet is never UCS2, any other always", () => {
    fc.assert(fc.property(gsmText, (text) => splitText(text).every(({ alphabet }) => alphabet === "gsm")));
    for (const text of ["空", "a`", "\u001b", "ç", "\t"])
      expect(splitText(text).map(({ alphabet }) => alphabet)).toEqual(["ucs2"]);
  });

  test.for([
    ["a", 160, 1],
    ["a", 161, 2],
    ["a", 306, 2],
    ["a", 307, 3],
    ["€", 80, 1],
    ["€", 81, 2],
    // 76 of them to a part: the 77th would be cut.
    ["€", 153, 3],
    ["空", 70, 1],
    ["空", 71, 2],
    ["空", 134, 2],
    ["空", 135, 3],
    ["空", 200, 3],
    ["😀", 35, 1],
    ["😀", 36, 2],
    // 33 of them to a part.
    ["😀", 67, 3],
  ] as const)("%s, %d times, makes %d parts", ([character, times, parts]) => {
    expect(splitText(character.repeat(times))).toHaveLength(parts);
  });

  test("what people see as one character stays together while it fits", () => {
    const family = "👨‍👩‍👧‍👦";
    const parts = splitText(`${"空".repeat(60)}${family}`);
    expect(parts.map((part) => textOf([part]))).toEqual(["空".repeat(60), family]);
    expect(textOf(splitText(`e${"\u0301".repeat(100)}`))).toBe(`e${"\u0301".repeat(100)}`);
  });

  test("half a character is marked, not sent", () => {
    expect(textOf(splitText("a\ud83d空"))).toBe("a\ufffd空");
  });
});
