import { execFileSync, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { assemble, decodeIncoming, decodeSubmit, encodeDeliver, encodeSubmit, splitText, textOf } from "./index.ts";

/** Debian's own Python, as python3-gammu is made for it. */
const PYTHON = "/usr/bin/python3";
const gammu = spawnSync(PYTHON, ["-c", "import gammu"]).status === 0;

/** Has gammu, an independent driver of GSM telephones, work on `input`. */
function ask<T>(script: string, input: unknown): T {
  const lines = ["import gammu, json, sys", "given = json.load(sys.stdin)", script];
  return JSON.parse(execFileSync(PYTHON, ["-c", lines.join("\n")], { input: JSON.stringify(input), encoding: "utf8" }));
}

const texts = [
  "hellohello",
  "[806] {€} ^~|\\ 100%",
  "806空调坏了",
  "x".repeat(160),
  "The quick brown fox ".repeat(20).trim(),
  "好".repeat(200),
  "空调好了😀".repeat(30),
];

test.runIf(gammu)("gammu reads our SUBMITs and DELIVERs", () => {
  for (const text of texts) {
    const parts = splitText(text);
    const hexes = parts.map((content, at) => {
      const several = parts.length > 1 && { concatenation: { reference: 77, total: parts.length, part: at + 1 } };
      return [
        encodeSubmit({ to: "+8613912345678", report: true, validityMinutes: 1_440, content, ...several }).hex,
        encodeDeliver({ from: "+8613912345678", sentAt: 1_700_000_000_000, content, ...several }).hex,
      ];
    });
    const read = ask<{ text: string; number: string; part: number; all: number }[]>(
      `
answer = []
for hex in given:
    sms = gammu.DecodePDU(bytes.fromhex(hex))
    answer.append({"text": sms["Text"], "number": sms["Number"], "part": sms["UDH"]["PartNumber"], "all": sms["UDH"]["AllParts"]})
print(json.dumps(answer))`,
      hexes.flat(),
    );
    for (const which of [0, 1]) {
      const ours = read.filter((_, at) => at % 2 === which);
      // Behind a text with an extension character gammu leaves a NUL and rubbish.
      expect(ours.map(({ text: part }) => part.replace(/\0.*$/s, "")).join("")).toBe(text);
      expect(new Set(ours.map(({ number }) => number))).toEqual(new Set(["+8613912345678"]));
      if (parts.length > 1)
        expect(ours.map(({ part, all }) => [part, all])).toEqual(parts.map((_, at) => [at + 1, parts.length]));
    }
  }
});

test.runIf(gammu)("we read gammu's SUBMITs", () => {
  for (const text of texts) {
    const hexes = ask<string[]>(
      `
unicode = any(ord(c) > 255 and c != "€" for c in given)
parts = gammu.EncodeSMS({"Class": -1, "Unicode": unicode, "Entries": [{"ID": "ConcatenatedTextLong", "Buffer": given}]})
for part in parts:
    part["SMSC"] = {"Number": "+8613800100500"}
    part["Number"] = "+8613912345678"
print(json.dumps([gammu.EncodePDU(part, "Submit").hex() for part in parts]))`,
      text,
    );
    const submits = hexes.map(decodeSubmit);
    expect(submits.every(({ to, serviceCentre }) => to === "+8613912345678" && serviceCentre === "+8613800100500")).toBe(true);
    const messages = submits.map((submit) => {
      const deliver = decodeIncoming(encodeDeliver({ ...submit, from: submit.to, sentAt: 0 }).hex);
      if (deliver.type !== "deliver") throw new Error(deliver.type);
      return { deliver, carrier: textOf([submit.content]) };
    });
    expect(assemble(messages).map(({ text: whole }) => whole)).toEqual([text]);
  }
});
