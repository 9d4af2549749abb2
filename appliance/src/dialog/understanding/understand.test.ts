import { Understanding } from "@sitebox/core/contract";
import { hotelTemplate } from "@sitebox/provisioning";
import fc from "fast-check";
import { expect, test } from "vitest";
import { spokenRoom } from "../grammar/index.ts";
import { compileVocabulary } from "../vocabulary/index.ts";
import { understand } from "./understand.ts";

const vocabulary = compileVocabulary(hotelTemplate);
const slotsOf = (text: string): Record<string, string>[] => understand(text, vocabulary).intents.map(({ slots }) => slots);
const intentsOf = (text: string): string[] => understand(text, vocabulary).intents.map(({ intent }) => intent);

test.each(["八零六", "8 0 6", "806", "８０６", "八百零六", "八楼零六", "8楼06", "八楼六号", "八〇六", "八楼八零六"])(
  "%s is room 806",
  (room) => {
    expect(slotsOf(`${room}房间空调不制冷`)).toEqual([{ room: "806", item: "空调", fault: "不制冷" }]);
  },
);

test.each(["幺三零九", "一三零九", "十三楼零九", "十三零九", "一千三百零九"])("%s is room 1309", (room) => {
  expect(slotsOf(`我住${room},马桶堵了`)[0]?.room).toBe("1309");
});

test("every room of the site is understood however it is said", () => {
  const rooms = [...vocabulary.rooms];
  fc.assert(
    fc.property(fc.nat(rooms.length - 1), (index) => {
      const room = rooms[index] ?? "";
      for (const way of spokenRoom(room)) expect(slotsOf(`${way.join(" ")} 房间 空调 不 制冷`)[0]?.room, way.join("")).toBe(room);
    }),
    { numRuns: 60 },
  );
});

test("a room that the site does not have is asked for, not invented", () => {
  const { intents, band } = understand("9999房间空调坏了", vocabulary);
  expect(intents[0]).toMatchObject({ intent: "hotel.repair", slots: { item: "空调" } });
  expect(intents[0]?.slots).not.toHaveProperty("room");
  expect(band).toBe("ask");
});

test.each([
  ["送两条毛巾", "2"],
  ["来俩枕头", "2"],
  ["一打矿泉水", "12"],
  ["送半打矿泉水", "6"],
  ["毛巾要三条", "3"],
  ["要两三双拖鞋", "3"],
  ["送十个衣架", "10"],
  ["3瓶水", "3"],
])("%s asks for %s", (text, quantity) => {
  expect(slotsOf(text)[0]?.quantity).toBe(quantity);
});

test("a count in a correction replaces the first", () => {
  expect(slotsOf("要两个枕头,哦不,三个")).toEqual([{ item: "枕头", quantity: "3" }]);
  expect(slotsOf("不要两条,要三条毛巾")).toEqual([{ item: "毛巾", quantity: "3" }]);
});

test("what is taken back is not asked for", () => {
  expect(slotsOf("不是浴巾,是毛巾")).toEqual([{ item: "毛巾" }]);
  expect(slotsOf("电视坏了,不是,是空调坏了")).toEqual([{ item: "空调", fault: "坏了" }]);
  expect(slotsOf("不是八零六是八零九")[0]?.room).toBe("809");
});

test("what there is already is not counted as wanted", () => {
  expect(slotsOf("毛巾只有两条,再来一条")).toEqual([{ item: "毛巾", quantity: "1" }]);
});

test("several things are several requests, each with its own count and room", () => {
  expect(slotsOf("空调不冷,再送两瓶水")).toEqual([
    { item: "空调", fault: "不制冷" },
    { item: "矿泉水", quantity: "2" },
  ]);
  expect(slotsOf("毛巾浴巾各来两条")).toEqual([
    { item: "毛巾", quantity: "2" },
    { item: "浴巾", quantity: "2" },
  ]);
  expect(slotsOf("806要两瓶水,807空调坏了").map((slots) => slots.room)).toEqual(["806", "807"]);
});

test("homophones of a recogniser are heard by their sound, and told apart by the measure word", () => {
  expect(slotsOf("空调不支冷")).toEqual([{ item: "空调", fault: "不制冷" }]);
  expect(slotsOf("加一床杯子")).toEqual([{ item: "被子", quantity: "1" }]);
});

test("traditional characters are read", () => {
  expect(slotsOf("806冷氣不冷,麻煩派人來看看")).toEqual([{ room: "806", item: "空调", fault: "不制冷" }]);
});

test.each(["空调挺好的不用修", "毛巾够了不用送", "你好", "中国队昨天赢了没有", "空调怎么开", "毛巾多少钱一条", "帮我叫个车", ""])(
  "%s asks for nothing that is offered",
  (text) => {
    expect(intentsOf(text).filter((intent) => intent.startsWith("hotel."))).toEqual([]);
    expect(understand(text, vocabulary).band).toBe("hand-over");
  },
);

test("an emergency goes to a person at once", () => {
  expect(understand("806着火了", vocabulary)).toMatchObject({
    intents: [{ intent: "common.emergency", slots: { room: "806" } }],
    band: "hand-over",
  });
});

test.each([
  ["对", "common.affirm"],
  ["不是", "common.deny"],
  ["再说一遍", "common.repeat"],
  ["怎么还没来", "common.urge"],
  ["师傅什么时候到", "common.progress"],
  ["不用来了,取消吧", "common.cancel"],
  ["我要投诉", "common.complain"],
])("%s is %s", (text, intent) => {
  expect(intentsOf(text)).toEqual([intent]);
});

test("any text at all gets an answer of the contract", () => {
  const words = fc.constantFrom(
    "空调",
    "不",
    "没",
    "水",
    "两",
    "条",
    "八零六",
    ",",
    "不是",
    "毛巾",
    "转",
    "坏了",
    "好",
    "几",
    "瓶",
    "?",
    "806",
    "x",
  );
  const text = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc.array(words, { maxLength: 25 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (said) => {
      const understood = Understanding.parse(understand(said, vocabulary));
      expect(understood.text).toBe(said);
      for (const { slots } of understood.intents)
        if (slots.room !== undefined) expect(vocabulary.rooms.has(slots.room)).toBe(true);
    }),
  );
});
