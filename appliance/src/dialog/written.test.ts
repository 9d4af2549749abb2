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
  expect(read("806着火了")).toMatchObject({ type: "emergency", drafts: [{ priority: "P0", place: "806" }] });
});

test.each(["早餐几点", "806的空调怎么还没人来修", "不用修空调了", "我要投诉", "在吗", "hello", "祝您周末愉快"])(
  "“%s” is for a person",
  (text) => {
    expect(read(text)).toMatchObject({ type: "person" });
  },
);

const wanted = (...texts: string[]) => {
  const written = read(...texts);
  if (written.type !== "requests") return written.type;
  return written.drafts.map(({ place, item, quantity }) =>
    [place, item, ...(quantity === undefined ? [] : [quantity])].join(" "),
  );
};

test.each([
  ["808 809 灯都不亮", ["808 灯", "809 灯"]],
  ["808 809 810 灯都不亮", ["808 灯", "809 灯", "810 灯"]],
  ["808、809和810房间空调坏了", ["808 空调", "809 空调", "810 空调"]],
  ["空调坏了,808和809", ["808 空调", "809 空调"]],
  ["808空调坏了,809灯不亮", ["808 空调", "809 灯"]],
  ["808空调坏了809灯不亮", ["808 空调", "809 灯"]],
  ["808灯坏了,809灯也坏了", ["808 灯", "809 灯"]],
  ["送两瓶水到806,再送一条毛巾到807", ["806 矿泉水 2", "807 毛巾 1"]],
  ["送两瓶水到806再送一条毛巾到807", ["806 矿泉水 2", "807 毛巾 1"]],
  ["送一条毛巾到806,再送两条毛巾到807", ["806 毛巾 1", "807 毛巾 2"]],
  ["送到806两瓶水,送到807一条毛巾", ["806 矿泉水 2", "807 毛巾 1"]],
  ["送两瓶水到806,807空调坏了", ["806 矿泉水 2", "807 空调"]],
  ["806空调不冷,送两瓶水到807", ["806 空调", "807 矿泉水 2"]],
  ["806空调不冷送两瓶水到807", ["806 空调", "807 矿泉水 2"]],
  ["不是806是809,空调坏了", ["809 空调"]],
  ["808809灯都不亮", ["808 灯", "809 灯"]],
  ["八零八八零九灯都不亮", ["808 灯", "809 灯"]],
])("“%s” is a request for each place", (text, requests) => {
  expect(wanted(text)).toEqual(requests);
});

test("rooms that answer the question for the place are all meant", () => {
  expect(wanted("空调坏了", "808 809")).toEqual(["808 空调", "809 空调"]);
});

test.each([
  "806 9999 灯都不亮",
  "806空调坏了,9999灯不亮",
  "送两瓶水到806,再送一瓶到807",
  "我是806的,送两瓶水到810",
  "送水到806,807,808空调坏了",
  "806-810灯都不亮",
  "806到810灯都不亮",
  "808灯不亮,809也是",
  "801 802 803 804 805 806 灯都不亮",
])("“%s” is for a person, since it is not certain what is wanted where", (text) => {
  expect(wanted(text)).toBe("person");
  expect(read(text)).not.toHaveProperty("place");
});

test("what is spoken of beside a request, and may be wanted, too, is for a person to see", () => {
  expect(read("806空调坏了,再帮我叫个出租车")).toMatchObject({ type: "requests", drafts: [{ item: "空调", incomplete: true }] });
});

test.each([
  ["取消806的空调维修", { place: "806", item: "空调" }],
  ["806空调不用修了", { place: "806" }],
  ["取消工单80012", { number: "80012" }],
  ["取消806空调不制冷的报修", { place: "806", item: "空调" }],
])("“%s” takes back what was asked for, and asks for nothing", (text, cancels) => {
  expect(read(text)).toMatchObject({ type: "person", cancels });
});

test("what is cancelled and what is wanted besides is for a person to tell apart", () => {
  for (const text of [
    "取消806的空调维修,再送两瓶水",
    "取消806和807的空调维修",
    "我不取消,806空调坏了",
    "806空调维修取消了吗",
    "谁取消了806的空调维修",
  ]) {
    const written = read(text);
    expect(written.type).toBe("person");
    expect(written).not.toHaveProperty("cancels");
  }
});

test("an emergency beside another request loses neither, and each has its room", () => {
  expect(read("没有热水", "老人晕倒了快来人,808")).toMatchObject({
    type: "emergency",
    drafts: [
      { priority: "P0", place: "808" },
      { kind: "repair", place: "808", incomplete: true },
    ],
  });
  expect(read("806着火了,807空调坏了")).toMatchObject({
    type: "emergency",
    drafts: [
      { priority: "P0", place: "806" },
      { place: "807", item: "空调" },
    ],
  });
  expect(read("806没热水,老人摔倒了")).toMatchObject({
    type: "emergency",
    drafts: [
      { priority: "P0", place: "806" },
      { kind: "repair", place: "806" },
    ],
  });
  const smoke = read("806空调冒烟了");
  expect(smoke.type === "emergency" && smoke.drafts.map(({ priority }) => priority)).toEqual(["P0"]);
  expect(read("806空调冒烟了")).toMatchObject({ drafts: [{ priority: "P0", place: "806" }] });
});
