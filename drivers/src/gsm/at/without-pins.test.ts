import fc from "fast-check";
import { expect, test } from "vitest";
import type { Traffic } from "../../line/index.ts";
import { withoutPins } from "./without-pins.ts";

type Piece = readonly [direction: Traffic["direction"], text: string];

/** What is shown of these pieces. */
function passed(...pieces: readonly Piece[]): Piece[] {
  const shown = withoutPins();
  return pieces.map(([direction, text]) => [
    direction,
    Buffer.from(shown(Buffer.from(text, "latin1"), direction)).toString("latin1"),
  ]);
}

test.for<[string, string]>([
  ["AT+CPIN=4711\r", "AT+CPIN=***\r"],
  ['at+cpin="4711"\r', 'at+cpin="***"\r'],
  ["AT^CPIN=4711\r", "AT^CPIN=***\r"],
  ['AT+CLCK="SC",0,"4711"\r', 'AT+CLCK="SC",***,"***"\r'],
  ['AT+CPWD="SC","4711","0815"\r', 'AT+CPWD="SC","***","***"\r'],
  ["AT+CPIN=4711;+CSQ\r\nAT+CMGR=4711\r", "AT+CPIN=***;+CSQ\r\nAT+CMGR=4711\r"],
  ["AT+CPIN?\r", "AT+CPIN?\r"],
])("of %j a transcript shows %j", ([said, shown]) => {
  expect(passed(["out", said])).toEqual([["out", shown]]);
});

test("a PIN that stands in a number by chance is no PIN", () => {
  const said: Piece[] = [
    ["out", "ATD13800004711;\r"],
    ["in", '\r\n+CLIP: "4711",129\r\n'],
  ];
  expect(passed(...said)).toEqual(said);
});

test("no PIN is shown however its echo is cut, and what is around it is", () => {
  const before = "\r\n+CSQ: 21,99\r\n\r\nOK\r\n";
  const after = "\r\r\nOK\r\n+CPIN: READY\r\n";
  fc.assert(
    fc.property(fc.stringMatching(/^\d{4,8}$/), fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 40 }), (pin, sizes) => {
      let rest = `${before}AT+CPIN=${pin}${after}`;
      const pieces: Piece[] = [];
      for (const size of [...sizes, rest.length]) {
        // What we say meanwhile goes the other way and changes nothing.
        if (rest !== "") pieces.push(["in", rest.slice(0, size)], ["out", "AT+CSQ\r"]);
        rest = rest.slice(size);
      }
      const shown = passed(...pieces);
      expect(shown.flatMap(([direction, text]) => (direction === "in" ? [text] : [])).join("")).toBe(
        `${before}AT+CPIN=***${after}`,
      );
    }),
  );
});
