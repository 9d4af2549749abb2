import fc from "fast-check";
import { expect, test } from "vitest";
import { packText } from "../gsm/pdu/index.ts";
import { readableAnswer, textOfBytes } from "./answer-text.ts";

/** "余额: 12.50元" in GBK. */
const GBK = Buffer.from("d3e0b6ee3a2031322e3530d4aa", "hex");
/** "😀" as two halves of three bytes each. */
const HALVES = Buffer.from("eda0bdedb880", "hex");

test("text in UTF-8 is read as it is, whatever is in it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const whole = text.toWellFormed();
      fc.pre(!whole.startsWith("\ufeff"));
      expect(textOfBytes(Buffer.from(whole))).toBe(whole);
    }),
  );
});

test("text in GBK is read, too", () => {
  expect(textOfBytes(GBK)).toBe("余额: 12.50元");
});

test("emoji that are written in two halves are put together, and their neighbours stay", () => {
  expect(textOfBytes(Buffer.concat([Buffer.from("修好了"), HALVES, Buffer.from("谢谢")]))).toBe("修好了😀谢谢");
});

test("a character that was cut at the end is left out, and does not spoil the rest", () => {
  expect(textOfBytes(Buffer.from("空调坏了").subarray(0, 11))).toBe("空调坏");
  expect(textOfBytes(Buffer.from("好😀").subarray(0, 6))).toBe("好");
});

test("any bytes are some text", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => typeof textOfBytes(bytes) === "string"));
});

test.for([
  ["4F59989D003A002000310032002E00355143", "余额: 12.5元"],
  ["4f59989d", "余额"],
  [packText("Balance 12.50 yuan") ?? "", "Balance 12.50 yuan"],
  ["  余额: 12.50元\r\n", "余额: 12.50元"],
  // Numbers stay what they are.
  ["13800138000", "13800138000"],
  ["10086", "10086"],
  ["DEAD", "DEAD"],
] as const)("the answer %s to a service code reads %s", ([answer, text]) => {
  expect(readableAnswer(answer)).toBe(text);
});
