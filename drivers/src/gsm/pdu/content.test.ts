import { expect, test } from "vitest";
import { alphabetOf, isFlash, textOf } from "./content.ts";

test.for([
  [0x00, "gsm"],
  [0x04, "data"],
  [0x08, "ucs2"],
  // Reserved: as the default alphabet.
  [0x0c, "gsm"],
  [0x11, "gsm"],
  [0x19, "ucs2"],
  // Compressed: cannot be read.
  [0x20, "data"],
  [0x28, "data"],
  // To be deleted by itself.
  [0x48, "ucs2"],
  [0x44, "data"],
  [0x80, "gsm"],
  [0xb8, "gsm"],
  // A message waits: to be thrown away, kept, kept in UCS2.
  [0xc8, "gsm"],
  [0xd8, "gsm"],
  [0xe8, "ucs2"],
  [0xf0, "gsm"],
  [0xf4, "data"],
  [0xf5, "data"],
] as const)("coding %d is %s", ([dcs, alphabet]) => {
  expect(alphabetOf(dcs)).toBe(alphabet);
});

test("only class 0 is a flash, and only where there is a class", () => {
  const flashes = Array.from({ length: 256 }, (_, dcs) => dcs).filter(isFlash);
  expect(flashes.slice(0, 6)).toEqual([0x10, 0x14, 0x18, 0x1c, 0x30, 0x34]);
  expect(flashes.filter((dcs) => dcs > 0x7f)).toEqual([0xf0, 0xf4, 0xf8, 0xfc]);
});

const data = (text: string, encoding: BufferEncoding) => ({ alphabet: "data", bytes: Buffer.from(text, encoding) }) as const;

test("bytes are text where they are UTF-8, cut anywhere, else Latin-1, with marks for what cannot be shown", () => {
  const bytes = Buffer.from("806空调", "utf8");
  const cut = [bytes.subarray(0, 4), bytes.subarray(4)].map((part) => ({ alphabet: "data", bytes: part }) as const);
  expect(textOf(cut)).toBe("806空调");
  expect(textOf([data("café", "latin1")])).toBe("café");
  expect(textOf([data("a\u0000b\u0001\n", "latin1")])).toBe("a\ufffdb\ufffd\n");
});

test("parts in several alphabets are read each in its own", () => {
  const gsm = { alphabet: "gsm", septets: [0x41, 0x1b] } as const;
  const shifted = { alphabet: "gsm", septets: [0x3c], singleShift: true } as const;
  const ucs2 = { alphabet: "ucs2", units: "空" } as const;
  expect(textOf([gsm, { alphabet: "gsm", septets: [0x3c] }, ucs2])).toBe("A[空");
  // An escape at the end of all, or before another table, is a space.
  expect(textOf([gsm, ucs2])).toBe("A 空");
  expect(textOf([gsm, shifted])).toBe("A <");
  expect(textOf([{ alphabet: "gsm", septets: [0x1b, 0x1b, 0x1b, 0x41] }])).toBe(" A");
});
