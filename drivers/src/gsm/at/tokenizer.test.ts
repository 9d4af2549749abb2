import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AtToken, AtTokenizer, LONGEST_LINE } from "./index.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");
const tokens = (...chunks: readonly string[]) => {
  const tokenizer = new AtTokenizer();
  return chunks.flatMap((chunk) => tokenizer.push(bytes(chunk)));
};
const lines = (text: string) => tokens(text).flatMap((token) => (token.type === "line" ? [token.text] : []));

const pieces = [
  ...[
    "\r\n",
    "\r",
    "\n",
    "\0",
    "> ",
    ">",
    "OK",
    "ERROR",
    "\x1a",
    "\x1b",
    "AT+CSQ\r",
    "+CSQ: 21,99\r\n",
    "RING\r\n",
    '"',
    " ",
    "\xff\x80",
  ],
  ...[
    "+CMT: ,23\r\n",
    "+CDS: 25\r\n",
    "0791448720003023\r\n",
    '+CUSD: 0,"one\r\n',
    'two",15\r\n',
    "\r\n\r\nOK\r\n",
    "+CMS ERROR: 500\r\n",
  ],
];
const noise = fc.uint8Array({ maxLength: 6 }).map((some) => Buffer.from(some).toString("latin1"));
const stream = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8 }), noise), { maxLength: 40 })
  .map((parts) => bytes(parts.join("")));

describe("the tokenizer", () => {
  test("gives the same tokens for every way to cut the same bytes", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(20), { maxLength: 60 }), (whole, sizes) => {
        const cut = new AtTokenizer();
        const heard: AtToken[] = [];
        let rest = whole;
        for (const size of sizes) {
          heard.push(...cut.push(rest.subarray(0, size)));
          rest = rest.subarray(size);
        }
        heard.push(...cut.push(rest));
        expect(heard).toEqual(new AtTokenizer().push(whole));
      }),
      { numRuns: 1_000 },
    );
  });

  test("tells echo from answers", () => {
    expect(tokens("AT+CSQ\r\r\n+CSQ: 21,99\r\n\r\nOK\r\n")).toEqual([
      { type: "echo" },
      { type: "line", text: "+CSQ: 21,99" },
      { type: "line", text: "OK" },
    ]);
    expect(tokens("ATD10086;\r", "at\r", "ATE0\r", "AT^CURC=0\r").map(({ type }) => type)).toEqual([
      "echo",
      "echo",
      "echo",
      "echo",
    ]);
    expect(lines("ATTENTION PLEASE\r\n")).toEqual(["ATTENTION PLEASE"]);
  });

  test("tells the prompt as soon as it is there, though no line ends with it", () => {
    expect(tokens("\r\n>", " ")).toEqual([{ type: "prompt" }]);
    expect(tokens("\r\n>\r\n")).toEqual([{ type: "prompt" }]);
  });

  test("takes what we wrote behind a prompt for echo", () => {
    expect(tokens("\r\n> 0011000B91\x1a\r\n+CMGS: 5\r\n")).toEqual([
      { type: "prompt" },
      { type: "echo" },
      { type: "line", text: "+CMGS: 5" },
    ]);
  });

  test("takes lone CR and LF for ends of lines, and passes over NULs and control characters", () => {
    expect(lines("\0\0R\0DY\r+CFUN: 1\n\x07OK\r\n")).toEqual(["RDY", "+CFUN: 1", "OK"]);
  });

  test("joins a line to its PDU, and to nothing else", () => {
    expect(lines("\r\n+CMT: ,23\r\n07914487\r\n\r\n+CDS: 25\r\n\r\n0006D6\r\n")).toEqual([
      "+CMT: ,23\n07914487",
      "+CDS: 25\n0006D6",
    ]);
    expect(lines('+CDSI: "SM",1\r\n0791\r\n')).toEqual(['+CDSI: "SM",1', "0791"]);
    expect(lines("+CMT: ,23\r\nOK\r\n")).toEqual(["+CMT: ,23", "OK"]);
  });

  test("joins the lines of a service's answer up to its last quote", () => {
    expect(lines('+CUSD: 1,"1 balance\r\n2 packages\r\n0 back",15\r\n')).toEqual(['+CUSD: 1,"1 balance\n2 packages\n0 back",15']);
    expect(lines('+CUSD: 1,"cut off\r\nOK\r\n')).toEqual(['+CUSD: 1,"cut off', "OK"]);
    expect(lines('+CUSD: 0,"0031",72\r\nOK\r\n')).toEqual(['+CUSD: 0,"0031",72', "OK"]);
  });

  test.for([
    ['1,"press "1" for', 'your balance",15'],
    ['1,"your "package', 'for the month" has ended",15'],
    ['1,"choose "1"', 'or "2"",15'],
    ['0,"a 5" screen', 'a 7" screen",15'],
    ['0,"say "yes"', 'or "no""'],
    ['1,"for "more"', "", "press 1", '"",15'],
  ])("takes quotes in a service's answer for no end of it: %j", (parts) => {
    expect(lines(`+CUSD: ${parts.join("\n")}\r\nOK\r\n`)).toEqual([
      `+CUSD: ${parts.filter((one) => one !== "").join("\n")}`,
      "OK",
    ]);
  });

  test("an answer of several lines with quotes in them is one line for every way to cut it", () => {
    const words = fc.stringMatching(/^[a-z "]{0,12}[a-z]$/).map((text) => text.trim());
    const answer = fc.array(words, { minLength: 1, maxLength: 4 }).map((rows) => `+CUSD: 1,"${rows.join("\n")}",15`);
    fc.assert(
      fc.property(answer, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 }), (text, sizes) => {
        const tokenizer = new AtTokenizer();
        let rest = bytes(`\r\n${text}\r\n`);
        const heard: AtToken[] = [];
        for (const size of [...sizes, rest.length]) {
          heard.push(...tokenizer.push(rest.subarray(0, size)));
          rest = rest.subarray(size);
        }
        expect(heard).toEqual([{ type: "line", text }]);
      }),
    );
  });

  test("keeps no more of a line than any modem says", () => {
    expect(lines(`${"x".repeat(100_000)}\r\nOK\r\n`).map((line) => line.length)).toEqual([LONGEST_LINE, 2]);
    expect(lines(`+CUSD: 0,"${"x\r\n".repeat(50_000)}`).every((line) => line.length <= LONGEST_LINE)).toBe(true);
  });
});
