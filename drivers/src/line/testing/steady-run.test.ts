import { expect, test } from "vitest";
import { bytesOf } from "../index.ts";
import { alawFrame } from "./g711.ts";
import { steadyRun } from "./steady-run.ts";

const frame = new Int16Array(160).fill(4_000);
const base64 = (bytes: Uint8Array) => Buffer.from(Buffer.from(bytes).toString("base64"));
const hex = (bytes: Uint8Array) => Buffer.from(Buffer.from(bytes).toString("hex"));

test.for([
  ["PCM", bytesOf(frame)],
  ["A-law", alawFrame(frame)],
  ["A-law in base64", base64(alawFrame(frame))],
  ["PCM in base64", base64(bytesOf(frame))],
  ["PCM in hexadecimal", hex(bytesOf(frame))],
] as const)("a steady sound is found as %s, also in pieces and behind a header", ([, bytes]) => {
  const header = Buffer.from([1, 2, 3, 4, 5]);
  const pieces = Array.from({ length: 4 }, () => [header, bytes.subarray(0, 33), bytes.subarray(33)]).flat();
  expect(steadyRun(pieces)).toBeGreaterThanOrEqual(150);
});

test("what is said to a device is none", () => {
  const said = Buffer.from("AT+CSQ\r\r\n+CSQ: 21,99\r\n\r\nOK\r\n".repeat(50));
  expect(steadyRun([said])).toBeLessThan(40);
});
