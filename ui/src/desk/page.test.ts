import { expect, it } from "vitest";
import { pageOf } from "./page.ts";

it.each([
  ["", { at: "desk" }],
  ["#lines", { at: "lines" }],
  ["#texts", { at: "texts" }],
  ["#why/c-31", { at: "why", callId: "c-31" }],
  ["#why/", { at: "desk" }],
  ["#elsewhere", { at: "desk" }],
])("the address “%s” opens its page", (hash, page) => {
  expect(pageOf(hash)).toEqual(page);
});
