import { SiteConfig, TicketDraft } from "@sitebox/core/contract";
import { hotelTemplate } from "@sitebox/provisioning";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { DialogEffect, DialogEvent } from "./dialog.ts";
import { step } from "./machine.ts";
import { renderPrompt } from "./prompts/index.ts";
import { type DialogState, initialState } from "./state.ts";
import { compileVocabulary } from "./vocabulary/index.ts";

const vocabulary = compileVocabulary(hotelTemplate);

/** One conversation: what is fed is answered by what was said and what is awaited. */
class Talk {
  state: DialogState;
  effects: readonly DialogEffect[] = [];
  readonly all: DialogEffect[] = [];

  constructor(site = vocabulary) {
    this.state = initialState(site);
  }

  feed(event: DialogEvent): this {
    const { next, effects } = step(this.state, event);
    this.state = next;
    this.effects = effects;
    this.all.push(...effects);
    return this;
  }

  answered(more: Partial<Extract<DialogEvent, { type: "answered" }>> = {}): this {
    return this.feed({ type: "answered", callerNumber: "13800000000", dialled: "8000", canListen: true, ...more });
  }

  say(...sentences: string[]): this {
    for (const text of sentences) this.feed({ type: "heard", text, confidence: 0.9 });
    return this;
  }

  press(...keys: string[]): this {
    for (const digits of keys) this.feed({ type: "keys", digits });
    return this;
  }

  get spoken(): string {
    return this.effects
      .map((effect) => (effect.type === "say" ? renderPrompt(effect.prompt, "zh-CN", hotelTemplate) : ""))
      .join("");
  }

  get awaited(): DialogEffect | undefined {
    return this.effects.at(-1);
  }

  get drafts() {
    return this.all.filter((effect) => effect.type === "open-ticket").map(({ draft }) => draft);
  }
}

const talk = (more: Partial<Extract<DialogEvent, { type: "answered" }>> = {}): Talk => new Talk().answered(more);

test("a call begins with the notice, heard to its end, and an open question", () => {
  const { effects } = talk();
  expect(effects[0]).toMatchObject({ type: "say", interruptible: false, prompt: { id: "notice" } });
  expect(effects.at(-1)).toMatchObject({ type: "listen", profile: { endpointMs: 450 } });
});

test("a repair said in one breath is read back digit by digit, opened, and its number spoken", () => {
  const call = talk().say("八零六房间空调不制冷");
  expect(call.spoken).toBe("八零六房间,空调不制冷,对吗?");
  expect(call.awaited).toMatchObject({ type: "listen", profile: { endpointMs: 300 } });
  call.say("对");
  expect(call.awaited).toMatchObject({
    type: "open-ticket",
    withMessage: false,
    draft: {
      kind: "repair",
      intent: "hotel.repair",
      place: "806",
      item: "空调",
      fault: "不制冷",
      summary: "806房间,空调不制冷",
      incomplete: false,
    },
  });
  call.feed({ type: "ticket-opened", number: "10007" });
  expect(call.spoken).toContain("工单号,一零零零七");
  expect(call.spoken).toContain("还有其他需要");
  expect(call.say("没有了").awaited).toEqual({ type: "hang-up" });
});

test("what is missing is asked for, one thing after the other, in any order", () => {
  const call = talk().say("我住一二零三");
  expect(call.spoken).toContain("幺二零三房间");
  call.say("马桶");
  expect(call.spoken).toBe("马桶是什么问题?");
  expect(call.say("堵了").spoken).toBe("幺二零三房间,马桶堵塞,对吗?");
  expect(talk().say("空调不冷").spoken).toBe("请问是哪个房间?");
});

test("a delivery is read back with its count, and too many are asked back", () => {
  expect(talk().say("送两条毛巾到八零六").spoken).toBe("两条毛巾,送到八零六房间,对吗?");
  const many = talk().say("八零六要二十瓶水");
  expect(many.spoken).toContain("一次最多送十二瓶");
  expect(many.say("六瓶").spoken).toBe("六瓶矿泉水,送到八零六房间,对吗?");
  const vague = talk().say("送几瓶水到八零六");
  expect(vague.spoken).toBe("请问要几瓶矿泉水?");
  expect(vague.say("三").spoken).toContain("三瓶矿泉水");
});

test("two things asked for together become two tickets, one after the other", () => {
  const call = talk().say("八零六空调不冷再送两瓶水", "对").feed({ type: "ticket-opened", number: "10001" });
  expect(call.spoken).toContain("两瓶矿泉水,送到八零六房间");
  call.say("是的").feed({ type: "ticket-opened", number: "10002" });
  expect(call.drafts.map(({ kind, place }) => [kind, place])).toEqual([
    ["repair", "806"],
    ["delivery", "806"],
  ]);
});

test("the read-back can be put right in the caller's own words", () => {
  const call = talk().say("八零六空调不冷");
  expect(call.say("不是八零六是八零九").spoken).toBe("八零九房间,空调不制冷,对吗?");
  expect(call.say("不是,是电视").spoken).toBe("电视是什么问题?");
  expect(call.say("没信号").spoken).toBe("八零九房间,电视没信号,对吗?");
  expect(call.say("不对").spoken).toContain("哪里不对");
  expect(call.say("八零七").spoken).toContain("八零七房间");
  expect(call.say("对,还要两瓶水").awaited).toMatchObject({ type: "open-ticket", draft: { place: "807", item: "电视" } });
  expect(call.feed({ type: "ticket-opened", number: "10001" }).spoken).toContain("两瓶矿泉水");
});

test("another thing said at the read-back is added, not taken for a yes", () => {
  const call = talk().say("八零六空调不冷", "再送一瓶水");
  expect(call.spoken).toContain("空调不制冷,对吗");
  expect(call.state.requests).toHaveLength(2);
});

test("two wrong read-backs are enough: a person takes over and knows the place", () => {
  expect(talk().say("八零六空调不冷", "不对", "八零六", "不对").awaited).toMatchObject({
    type: "hand-off",
    reason: "not-understood",
    place: "806",
    summary: "806房间,空调不制冷",
  });
});

test("a room that the site does not have is told and asked again", () => {
  const call = talk().say("9999房间空调坏了");
  expect(call.spoken).toContain("没有九九九九这个房间");
  expect(call.say("八零六").spoken).toContain("八零六房间,空调坏了");
  expect(call.say("不是,是9998").spoken).toContain("没有九九九八这个房间");
  expect(call.say("9997").spoken).toContain("没有九九九七");
  expect(call.say("9996").awaited).toMatchObject({ type: "hand-off" });
});

test("a caller's own room is not asked for but read back", () => {
  expect(talk({ place: "806" }).say("空调不冷").spoken).toContain("八零六房间,空调不制冷");
  expect(talk({ place: "999" }).say("空调不冷").spoken).toBe("请问是哪个房间?");
});

test("two turns without sense go to a person, whether empty, silent or strange", () => {
  for (const event of [
    { type: "heard", text: "", confidence: 0 },
    { type: "heard", text: "空调", confidence: 0.1 },
    { type: "silence" },
    { type: "keys", digits: "7" },
    { type: "heard", text: "中国队昨天赢了没有", confidence: 0.9 },
    { type: "heard", text: "早餐几点", confidence: 0.9 },
  ] satisfies DialogEvent[])
    expect(talk().feed(event).feed(event).awaited).toMatchObject({ type: "hand-off", reason: "not-understood" });
});

test("a person may be asked for at any time and learns the place and the matter", () => {
  expect(talk().say("转人工").awaited).toMatchObject({ type: "hand-off", reason: "asked", summary: "来电要求转人工" });
  expect(talk().say("接客房部").awaited).toMatchObject({ summary: "来电要找客房部" });
  expect(talk().say("八零六空调不冷", "转人工").awaited).toMatchObject({
    type: "hand-off",
    place: "806",
    summary: "806房间,空调不制冷",
  });
  expect(talk().say("怎么还没来").awaited).toMatchObject({ type: "hand-off", summary: "来电催单" });
  expect(talk().say("八零六空调不冷").press("0").awaited).toMatchObject({ type: "hand-off" });
});

test("nobody there: a message, its ticket, its number, goodbye", () => {
  const call = talk().say("转人工").feed({ type: "hand-off-failed" });
  expect(call.awaited).toMatchObject({ type: "record-message" });
  call.feed({ type: "message-recorded", durationMs: 4_000 });
  expect(call.awaited).toMatchObject({
    type: "open-ticket",
    withMessage: true,
    draft: { kind: "callback", intent: "common.to_human" },
  });
  call.feed({ type: "ticket-opened", number: "10003" });
  expect(call.spoken).toContain("工单号,一零零零三");
  expect(call.awaited).toEqual({ type: "hang-up" });
});

test("a message is asked for once more when nothing was recorded; a call-back is a ticket also without words", () => {
  const silent: DialogEvent = { type: "message-recorded", durationMs: 0 };
  expect(talk().say("我要留言").feed(silent).spoken).toContain("没有录到");
  expect(talk().say("我要留言").feed(silent).feed(silent).awaited).toEqual({ type: "hang-up" });
  expect(talk().say("转人工").feed({ type: "hand-off-failed" }).feed(silent).feed(silent).awaited).toMatchObject({
    type: "open-ticket",
    withMessage: false,
  });
  expect(talk().say("我要留言").feed({ type: "message-recorded", durationMs: 3_000 }).awaited).toMatchObject({
    draft: { kind: "message", intent: "common.leave_message", summary: "语音留言" },
  });
});

test("without a speech engine the whole way goes by keys", () => {
  const call = talk({ canListen: false });
  expect(call.awaited).toMatchObject({ type: "await-keys" });
  expect(call.spoken).toContain("报修按一");
  call.press("1");
  expect(call.spoken).toContain("空调请按一");
  call.press("9");
  expect(call.spoken).toContain("门锁请按一");
  call.press("1", "2", "1203");
  expect(call.spoken).toContain("幺二零三房间,门锁锁不上,对吗?正确请按一");
  expect(call.press("1").awaited).toMatchObject({ type: "open-ticket", draft: { place: "1203", item: "门锁", fault: "锁不上" } });
  expect(call.feed({ type: "ticket-opened", number: "10004" }).press("2", "1", "1").drafts.at(-1)).toMatchObject({
    kind: "delivery",
    item: "毛巾",
    place: "1203",
    quantity: 1,
  });
  expect(call.feed({ type: "ticket-opened", number: "10005" }).press("#").awaited).toEqual({ type: "hang-up" });
});

test("keys put a read-back right too", () => {
  const call = talk({ canListen: false }).press("1", "1", "1", "806", "2");
  expect(call.spoken).toContain("房间号不对请按一");
  expect(call.press("1").awaited).toMatchObject({ type: "await-keys", keys: { mode: "number", length: 4 } });
  expect(call.press("805").spoken).toContain("八零五房间,空调不制冷");
  const other = talk({ canListen: false }).press("1", "1", "1", "806", "2", "2");
  expect(other.spoken).toContain("什么东西要修");
  expect(other.press("2", "1").spoken).toContain("八零六房间,马桶堵塞");
});

test("wrong keys are told; the last page's nine is a person", () => {
  expect(talk({ canListen: false }).press("1", "#").spoken).toContain("这个按键没有用");
  expect(talk({ canListen: false }).press("1", "1", "1", "999").spoken).toContain("没有九九九这个房间");
  expect(talk({ canListen: false }).press("1", "1", "1", "#").spoken).toContain("这个按键没有用");
  expect(talk({ canListen: false }).press("1", "1", "9").awaited).toMatchObject({ type: "hand-off" });
  expect(talk({ canListen: false }).press("1", "1", "1", "806", "5").spoken).toContain("这个按键没有用");
  expect(talk({ canListen: false }).press("1", "1", "1", "806", "2", "5").spoken).toContain("这个按键没有用");
  expect(talk({ canListen: false }).press("7", "7").awaited).toMatchObject({ type: "hand-off", reason: "speech-engine" });
  expect(talk({ canListen: false }).press("3").awaited).toMatchObject({ type: "record-message" });
  expect(talk().say("送几瓶水到八零六").press("3").spoken).toContain("三瓶矿泉水");
  expect(talk().say("送几瓶水到八零六").press("#").spoken).toContain("这个按键没有用");
});

test("star repeats, and so do the words for it", () => {
  expect(talk().say("八零六空调不冷").press("*").spoken).toContain("空调不制冷,对吗");
  expect(talk().say("八零六空调不冷", "再说一遍").spoken).toContain("空调不制冷,对吗");
  expect(talk().say("再说一遍").spoken).toContain("请问要报修");
});

test("the engine lost in mid-call: the same question goes on by keys", () => {
  const call = talk().say("八零六空调不冷").feed({ type: "listening-lost" });
  expect(call.spoken).toContain("请用按键继续");
  expect(call.spoken).toContain("八零六房间,空调不制冷,对吗?正确请按一");
  expect(call.awaited).toMatchObject({ type: "await-keys" });
  expect(call.press("1").awaited).toMatchObject({ type: "open-ticket" });
  expect(call.feed({ type: "listening-lost" }).state.listens).toBe(false);
});

test("a ticket that cannot be stored goes to a person, then to a message, and ends with an apology", () => {
  const call = talk().say("八零六空调不冷", "对").feed({ type: "ticket-failed" });
  expect(call.awaited).toMatchObject({ type: "hand-off", reason: "ticket-failed", summary: "806房间,空调不制冷" });
  call.feed({ type: "hand-off-failed" }).feed({ type: "message-recorded", durationMs: 5_000 });
  expect(call.awaited).toMatchObject({
    type: "open-ticket",
    draft: { kind: "callback", item: "空调", fault: "不制冷", place: "806" },
  });
  expect(call.feed({ type: "ticket-failed" }).spoken).toContain("非常抱歉");
  expect(call.awaited).toEqual({ type: "hang-up" });
});

test("a caller who leaves half-way leaves a ticket where there is something to do", () => {
  const left: DialogEvent = { type: "caller-left" };
  expect(talk().say("八零六空调不冷").feed(left).awaited).toMatchObject({
    type: "open-ticket",
    draft: { incomplete: true, place: "806" },
  });
  expect(talk().say("空调不冷").feed(left).awaited).toMatchObject({ type: "open-ticket", draft: { incomplete: true } });
  expect(talk({ callerNumber: "" }).say("空调不冷").feed(left).awaited).toEqual({ type: "hang-up" });
  expect(talk().feed(left).awaited).toEqual({ type: "hang-up" });
  expect(new Talk().feed(left).awaited).toEqual({ type: "hang-up" });
  const two = talk().say("八零六空调不冷再送两瓶水").feed(left).feed({ type: "ticket-opened", number: "10001" });
  expect(two.awaited).toMatchObject({ type: "open-ticket", draft: { kind: "delivery", incomplete: true } });
  expect(two.feed({ type: "ticket-failed" }).awaited).toEqual({ type: "hang-up" });
  const opening = talk().say("八零六空调不冷", "对").feed(left);
  expect(opening.effects).toEqual([]);
  expect(opening.feed({ type: "ticket-opened", number: "10001" }).awaited).toEqual({ type: "hang-up" });
  expect(talk().say("八零六空调不冷", "转人工").feed(left).awaited).toMatchObject({ type: "open-ticket" });
  expect(talk().say("我要留言").feed(left).awaited).toEqual({ type: "hang-up" });
  expect(talk().say("转人工").feed({ type: "hand-off-failed" }).feed(left).awaited).toMatchObject({
    type: "open-ticket",
    draft: { kind: "callback" },
  });
  expect(talk().say("我要留言").feed({ type: "message-recorded", durationMs: 3_000 }).feed(left).awaited).toEqual({
    type: "hang-up",
  });
});

test("an emergency is a ticket of the highest priority and a person at once", () => {
  const call = talk().say("八零六着火了");
  expect(call.awaited).toMatchObject({
    type: "open-ticket",
    draft: { priority: "P0", intent: "common.emergency", place: "806" },
  });
  call.feed({ type: "ticket-opened", number: "10001" });
  expect(call.spoken).toContain("紧急情况");
  expect(call.awaited).toMatchObject({ type: "hand-off", summary: "紧急:806房间,着火了" });
  const failed = talk().say("有人晕倒了").feed({ type: "ticket-failed" });
  expect(failed.awaited).toMatchObject({ type: "hand-off", reason: "ticket-failed", summary: "紧急:晕倒" });
  expect(
    failed.feed({ type: "hand-off-failed" }).feed({ type: "message-recorded", durationMs: 3_000 }).drafts.at(-1),
  ).toMatchObject({ priority: "P0" });
});

test("after a ticket more can be asked for; yes, no and silence are understood", () => {
  const again = (): Talk => talk().say("八零六空调不冷", "对").feed({ type: "ticket-opened", number: "10001" });
  expect(again().say("有").spoken).toContain("请问要报修");
  expect(again().say("再送两条毛巾").spoken).toBe("两条毛巾,送到八零六房间,对吗?");
  expect(again().feed({ type: "silence" }).awaited).toEqual({ type: "hang-up" });
  expect(again().press("1").spoken).toBe("请问是什么东西要修?");
});

test("a site without rooms never asks for one", () => {
  const scenic = compileVocabulary(SiteConfig.parse({ ...hotelTemplate, rooms: [], zones: [] }));
  const call = new Talk(scenic).answered().say("空调不制冷");
  expect(call.spoken).toBe("空调不制冷,对吗?");
  expect(call.say("对").drafts[0]).toMatchObject({ summary: "空调不制冷" });
  expect(new Talk(scenic).answered().say("送两条毛巾").spoken).toBe("两条毛巾,对吗?");
});

test("events that make no sense where a call stands change nothing", () => {
  const call = talk();
  const { state } = call;
  for (const event of [
    { type: "ticket-opened", number: "1" },
    { type: "hand-off-failed" },
    { type: "message-recorded", durationMs: 1 },
  ] satisfies DialogEvent[])
    expect(step(state, event)).toEqual({ next: state, effects: [] });
});

const sentence = fc.constantFrom(
  "八零六",
  "空调",
  "空调不冷",
  "八零六空调不制冷",
  "送两条毛巾",
  "再送三瓶水",
  "对",
  "不对",
  "不是八零六是八零九",
  "再说一遍",
  "没有了",
  "转人工",
  "我要留言",
  "9999",
  "三个",
  "送几瓶水",
  "八零六要五十瓶水",
  "中国队昨天赢了没有",
  "怎么还没来",
  "取消",
  "着火了",
  "",
  "好的",
  "电视",
  "坏了",
  "对,还要两瓶水",
  "毛巾浴巾各来两条",
);
const anyEvent: fc.Arbitrary<DialogEvent> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constant("heard" as const), text: sentence, confidence: fc.constantFrom(0.1, 0.6, 0.95) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("keys" as const),
      digits: fc.constantFrom("0", "1", "2", "3", "9", "#", "*", "806", "99", ""),
    }),
  },
  { weight: 1, arbitrary: fc.constant<DialogEvent>({ type: "silence" }) },
  { weight: 1, arbitrary: fc.constant<DialogEvent>({ type: "listening-lost" }) },
  { weight: 1, arbitrary: fc.constant<DialogEvent>({ type: "caller-left" }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("ticket-opened" as const), number: fc.constant("10001") }) },
  { weight: 1, arbitrary: fc.constant<DialogEvent>({ type: "ticket-failed" }) },
  { weight: 1, arbitrary: fc.constant<DialogEvent>({ type: "hand-off-failed" }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("message-recorded" as const), durationMs: fc.constantFrom(0, 5_000) }) },
);
/** What can happen while something is awaited. */
const possible = (awaited: DialogEffect | undefined): readonly DialogEvent["type"][] => {
  switch (awaited?.type) {
    case "listen":
      return ["heard", "keys", "silence", "listening-lost", "caller-left"];
    case "await-keys":
      return ["keys", "silence", "caller-left"];
    case "open-ticket":
      return ["ticket-opened", "ticket-failed"];
    case "hand-off":
      return ["hand-off-failed", "caller-left"];
    case "record-message":
      return ["message-recorded", "caller-left"];
    default:
      return [];
  }
};
const WAYS_ON = new Set<DialogEffect["type"]>(["listen", "await-keys", "open-ticket", "hand-off", "record-message", "hang-up"]);

test("whatever happens, every answer of the machine has a way on, and every call ends", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: 400, maxLength: 400 }), fc.boolean(), (events, canListen) => {
      const call = talk({ canListen });
      let awaited = call.awaited;
      for (const event of events) {
        if (awaited?.type === "hang-up") break;
        if (!possible(awaited).includes(event.type)) continue;
        call.feed(event);
        expect(call.effects.length).toBeGreaterThan(0);
        awaited = call.awaited;
        expect(WAYS_ON.has(awaited?.type ?? "note")).toBe(true);
        expect(call.effects.filter((effect) => WAYS_ON.has(effect.type))).toHaveLength(1);
      }
      for (const draft of call.drafts) TicketDraft.parse({ ...draft, channel: "phone" });
      expect(call.state.turns).toBeLessThanOrEqual(30);
    }),
    { numRuns: 150 },
  );
});

test("events in any order, also impossible ones, never throw, and nothing follows a hang-up", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
      const call = talk();
      let ended = false;
      for (const event of events) {
        call.feed(event);
        if (ended) expect(call.effects).toEqual([]);
        ended ||= call.awaited?.type === "hang-up";
      }
    }),
    { numRuns: 150 },
  );
});

test("a request becomes a ticket at most once", () => {
  const yes: DialogEvent = { type: "heard", text: "对", confidence: 0.9 };
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant(yes), anyEvent), { maxLength: 40 }), (events) => {
      const call = talk().say("八零六空调不制冷");
      for (const event of events.filter(
        (one) => !(one.type === "heard" && /空调|坏了/.test(one.text)) && one.type !== "ticket-failed" && one.type !== "keys",
      )) {
        if (possible(call.all.findLast((effect) => WAYS_ON.has(effect.type))).includes(event.type)) call.feed(event);
      }
      expect(call.drafts.filter(({ kind, item }) => kind === "repair" && item === "空调").length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 150 },
  );
});

test("the same in several rooms, or other things in other rooms, is read back and opened room by room", () => {
  const all = (...sentences: string[]) => {
    const call = talk().say(...sentences);
    for (let left = 16; left > 0 && call.state.requests.length > 0; left--)
      if (call.awaited?.type === "open-ticket") call.feed({ type: "ticket-opened", number: "80001" });
      else call.say("对");
    return call.drafts.map(({ place, item, quantity }) => `${place} ${item}${quantity === undefined ? "" : ` ${quantity}`}`);
  };
  expect(all("806 807 灯都不亮")).toEqual(["806 灯", "807 灯"]);
  expect(all("806 807 808 灯都不亮")).toEqual(["806 灯", "807 灯", "808 灯"]);
  expect(all("送两瓶水到806,再送一条毛巾到807")).toEqual(["806 矿泉水 2", "807 毛巾 1"]);
  expect(all("空调不制冷", "806和807")).toEqual(["806 空调", "807 空调"]);
  expect(all("806空调不制冷", "还有807也是")).toEqual(["806 空调", "807 空调"]);
});

test("who cancels gets a person, and nothing is asked for anew", () => {
  for (const words of ["取消806的空调维修", "取消806空调不制冷的报修"]) {
    const call = talk().say(words);
    expect(call.drafts).toEqual([]);
    expect(call.awaited).toMatchObject({ type: "hand-off", summary: "来电取消", place: "806" });
  }
});

test("what was asked for before an emergency is told to the person, after the emergency, and kept where nobody comes", () => {
  const call = talk().say("没有热水").say("老人晕倒了快来人,808");
  expect(call.drafts).toMatchObject([{ priority: "P0", place: "808" }]);
  call.feed({ type: "ticket-opened", number: "80001" });
  const handOff = call.awaited;
  expect(handOff).toMatchObject({ type: "hand-off", summary: expect.stringMatching(/^紧急:808房间.*;808房间.*热水/) });
  call.feed({ type: "hand-off-failed" }).feed({ type: "message-recorded", durationMs: 5_000 });
  expect(call.drafts.at(-1)).toMatchObject({ priority: "P0", summary: expect.stringMatching(/紧急.*热水/) });
});

test("an emergency is where it was said to be, also beside another room", () => {
  expect(talk().say("806着火了,807空调坏了").drafts).toMatchObject([{ priority: "P0", place: "806" }]);
});
