import { expect, test } from "vitest";
import { spokenPinyin } from "./spoken.ts";

test.each([
  ["你好，请问？", "ni3 hao3 , qing3 wen4 ?"],
  ["八零六房间", "ba1 ling2 liu4 fang2 jian1"],
  ["806", "ba1 ling2 liu4"],
  ["您的", "nin2 de5"],
  ["绿色", "lv4 se4"],
  ["WiFi密码", '<voice name="en">WiFi</voice> mi4 ma3'],
  ["甲<乙&", "jia3 &lt; yi3 &amp;"],
])("%s is read as %s", (text, read) => {
  expect(spokenPinyin(text)).toBe(read);
});
