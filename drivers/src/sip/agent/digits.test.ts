import { expect, test } from "vitest";
import type { Digit } from "../../line/index.ts";
import { Digits } from "./digits.ts";

async function heard(presses: readonly (readonly ["rtp" | "info", Digit])[]): Promise<string> {
  const digits = new Digits();
  for (const [way, digit] of presses) digits.take(way, digit);
  digits.close();
  let text = "";
  for await (const digit of digits.stream) text += digit;
  return text;
}

test("a phone that sends each key by RTP and by INFO is heard once, in whatever order they come", async () => {
  expect(
    await heard([
      ["rtp", "1"],
      ["info", "1"],
      ["rtp", "1"],
      ["info", "1"],
      ["rtp", "2"],
    ]),
  ).toBe("112");
  expect(
    await heard([
      ["info", "1"],
      ["rtp", "1"],
      ["rtp", "2"],
      ["info", "2"],
    ]),
  ).toBe("12");
});

test("a phone that uses one way is heard by that way", async () => {
  expect(
    await heard([
      ["info", "8"],
      ["info", "0"],
    ]),
  ).toBe("80");
  expect(
    await heard([
      ["rtp", "8"],
      ["rtp", "0"],
    ]),
  ).toBe("80");
});
