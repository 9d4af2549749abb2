import fc from "fast-check";
import { expect, test } from "vitest";
import { Parts, type TextPart } from "./parts.ts";
import { decodeUrlText, encodeUrlText } from "./url-text.ts";

/** The bytes of a text, cut anywhere, as parts. */
function partsOf(text: string, cuts: readonly number[], { base = 1, id = "7" } = {}): TextPart[] {
  const bytes = Buffer.from(text);
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return edges.slice(1).map((end, at, all) => ({
    port: 1,
    id,
    from: "13900139000",
    time: "2026-11-21 08:00:00",
    index: at + base,
    total: all.length,
    content: bytes.subarray(edges[at] ?? 0, end),
  }));
}

const texts = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !text.includes("\ufeff"));

test("in any order and with any repetition, the parts of a text make it once, however they were cut", () => {
  fc.assert(
    fc.property(texts, fc.array(fc.nat(), { maxLength: 5 }), fc.nat(1), fc.infiniteStream(fc.nat()), (text, cuts, base, lots) => {
      const parts = partsOf(text, cuts, { base });
      const said = [...parts, ...parts]
        .map((part) => ({ part, lot: lots.next().value }))
        .toSorted((a, b) => a.lot - b.lot)
        .map(({ part }) => part);
      const gathered = new Parts();
      const told = said.flatMap((part) => gathered.add(part, 0));
      expect(told.map((one) => one.text)).toEqual([Buffer.from(text).toString("utf8")]);
    }),
  );
});

test("two texts whose parts come mixed are told apart", () => {
  const [a1, a2] = partsOf("一二", [3], { id: "7" });
  const [b1, b2] = partsOf("三四", [3], { id: "8" });
  const gathered = new Parts();
  const told = [a1, b2, b1, a2].flatMap((part) => (part ? gathered.add(part, 0) : []));
  expect(told.map(({ text }) => text)).toEqual(["三四", "一二"]);
});

test("a number that the gateway uses again for another text is another text", () => {
  const gathered = new Parts();
  for (const text of ["一", "二"])
    for (const part of partsOf(text, [])) expect(gathered.add(part, 0).map((told) => told.text)).toEqual([text]);
});

test("a text whose parts do not all come is told without them in the end, and once", () => {
  const [first, , third] = partsOf("一二三", [3, 6]);
  const gathered = new Parts();
  for (const part of [first, third]) if (part) expect(gathered.add(part, 0)).toEqual([]);
  expect(gathered.expire(1_799_999)).toEqual([]);
  expect(gathered.expire(1_800_000).map(({ text }) => text)).toEqual(["一…三"]);
  expect(gathered.expire(9_999_999)).toEqual([]);
});

test("any text comes back from its form in a command, in which it can end nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const encoded = encodeUrlText(text.toWellFormed());
      expect(encoded).toMatch(/^[A-Za-z0-9%]*$/);
      expect(Buffer.from(decodeUrlText(encoded)).toString("utf8")).toBe(text.toWellFormed());
    }),
  );
  expect(Buffer.from(decodeUrlText("100%+off%2")).toString("utf8")).toBe("100% off%2");
});

test("a text that lacks a part is told without it when its number is used again", () => {
  const [first] = partsOf("一二", [3]);
  const [one, two] = partsOf("三四", [3]);
  const gathered = new Parts();
  const told = [first, one, two].flatMap((part) => (part ? gathered.add(part, 0) : []));
  expect(told.map(({ text }) => text)).toEqual(["一…", "三四"]);
});

test("the same words under the same number at another time are another text", () => {
  const gathered = new Parts();
  const [part] = partsOf("1", []);
  if (!part) throw new Error("no part");
  const told = [part, part, { ...part, time: "2026-11-21 09:00:00" }].flatMap((one) => gathered.add(one, 0));
  expect(told.map(({ text }) => text)).toEqual(["1", "1"]);
});

test("emoji in two halves are put together, also where a part ends between them", () => {
  const gathered = new Parts();
  const halves = ["eda0bd", "edb880"].map((hex) => Buffer.from(hex, "hex"));
  const parts = partsOf("  ", [1]).map((part, at) => ({ ...part, content: halves[at] ?? new Uint8Array() }));
  expect(parts.flatMap((part) => gathered.add(part, 0)).map(({ text }) => text)).toEqual(["😀"]);
});

test("a text that says it has more parts than any can is told as it came", () => {
  const [part] = partsOf("一", []);
  if (!part) throw new Error("no part");
  expect(new Parts().add({ ...part, total: 1_000_000_000 }, 0).map(({ text }) => text)).toEqual(["一"]);
});
