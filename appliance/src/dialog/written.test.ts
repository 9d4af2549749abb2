import { SiteConfig } from "@sitebox/core/contract";
import { expect, test } from "vitest";
import { compileVocabulary, readWritten } from "./index.ts";

const vocabulary = compileVocabulary(
  SiteConfig.parse({
    name: "示范酒店",
    rooms: ["801-820"],
    items: [{ name: "空调", skill: "hvac", faults: [{ name: "不制冷" }] }],
    deliveries: [{ name: "毛巾", most: 6 }],
  }),
);
const read = (...texts: string[]) => readWritten(texts, vocabulary);

test("a whole request is one, with the site's words", () => {
  expect(read("806空调坏了")).toMatchObject({
    type: "requests",
    drafts: [{ kind: "repair", place: "806", item: "空调", fault: "坏了", incomplete: false }],
  });
  expect(read("麻烦送两条毛巾到812,谢谢")).toMatchObject({
    type: "requests",
    drafts: [{ kind: "delivery", place: "812", item: "毛巾", quantity: 2 }],
  });
});

test("two things asked for at once are two requests in the room that was named", () => {
  expect(read("806空调不制冷,再送一条毛巾")).toMatchObject({
    type: "requests",
    drafts: [
      { kind: "repair", place: "806", item: "空调" },
      { kind: "delivery", place: "806", item: "毛巾" },
    ],
  });
});

test("where the place is missing or none of the site's, it has to be asked for, and the answer completes the request", () => {
  expect(read("空调坏了")).toMatchObject({ type: "incomplete", missing: "place", drafts: [{ item: "空调" }] });
  expect(read("999空调坏了")).toMatchObject({ type: "incomplete", missing: "place", unknownPlace: "999" });
  for (const answer of ["806", "806房间", "我在八零六"])
    expect(read("空调坏了", answer)).toMatchObject({ type: "requests", drafts: [{ item: "空调", place: "806" }] });
  expect(read("999空调坏了", "806")).toMatchObject({ type: "requests", drafts: [{ item: "空调", place: "806" }] });
});

test("a room alone is asked what is wanted there", () => {
  expect(read("806")).toMatchObject({ type: "incomplete", missing: "item", place: "806" });
  expect(read("806", "空调坏了")).toMatchObject({ type: "requests", drafts: [{ item: "空调", place: "806" }] });
});

test("an item without its fault is enough to go and look, for a person to complete", () => {
  expect(read("806修一下空调")).toMatchObject({ type: "requests", drafts: [{ item: "空调", place: "806", incomplete: true }] });
});

test("an emergency goes before everything", () => {
  expect(read("806着火了")).toMatchObject({ type: "emergency", draft: { priority: "P0", place: "806" } });
});

test.each(["早餐几点", "806的空调怎么还没人来修", "不用修空调了", "我要投诉", "在吗", "hello", "祝您周末愉快"])(
  "“%s” is for a person",
  (text) => {
    expect(read(text)).toMatchObject({ type: "person" });
  },
);
