import { expect, test } from "vitest";
import type { Action, CallFacts, Target } from "./index.ts";
import { fromExtension, fromLine, type PlannedSite, plannedSite } from "./testing/index.ts";

const extension = (number: string): Target => ({ type: "extension", number });
const member = (number: string, group = "600"): Target => ({ type: "extension", number, group });
const outside = (number: string): Target => ({ type: "outside", number });
const assistant = { type: "assistant" } as const;
const rings = (...steps: (readonly Target[])[]) => ({ type: "ring", steps: steps.map((targets) => ({ targets })) });
const noHelp = (number: string) => ({ type: "help", number });
const refused = (cause: string) => ({ type: "refuse", cause });

const front = { number: "600", name: "前台", members: ["8001", "8002", "8003"] };
const local = { name: "local", dialled: "9[2-8]\\d{7}", strip: 1 };
const mobile = { name: "mobile", dialled: "1[3-9]\\d{9}" };
const outgoing = [local, mobile];
const inside = fromExtension;

interface Case {
  readonly name: string;
  readonly calls?: unknown;
  readonly set?: (site: PlannedSite) => void;
  readonly call: CallFacts;
  readonly action: unknown;
  /** What has to be among the reasons. */
  readonly because?: string;
}

const cases: readonly Case[] = [
  // Extensions.
  { name: "an extension rings", call: inside("8001", "8002"), action: { ...rings([extension("8002")]), otherwise: assistant } },
  { name: "an extension rings for a line's caller", call: fromLine("8002"), action: rings([extension("8002")]) },
  {
    name: "an extension that does not want to be disturbed counts as busy",
    calls: { extensions: { "8002": { whenBusy: { type: "message", mailbox: "8002" } } } },
    set: ({ disturbNot }) => disturbNot.add("8002"),
    call: inside("8001", "8002"),
    action: { type: "message", mailbox: "8002" },
    because: "Extension 8002 does not want to be disturbed",
  },
  {
    name: "undisturbed without any wish, its calls go to the assistant",
    set: ({ disturbNot }) => disturbNot.add("8002"),
    call: inside("8001", "8002"),
    action: assistant,
  },
  {
    name: "busy goes where unanswered goes, when nothing else is said",
    calls: { extensions: { "8002": { whenUnanswered: { type: "number", number: "8003" } } } },
    call: inside("8001", "8002"),
    action: { whenBusy: { type: "number", number: "8003" }, otherwise: { type: "number", number: "8003" } },
  },
  {
    name: "follow-me rings one after the other, outside too",
    calls: { outgoing, extensions: { "8002": { followMe: ["8003", "13900139000"], ringSeconds: 10 } } },
    call: inside("8001", "8002"),
    action: {
      steps: [
        { targets: [extension("8002")], ringMs: 10_000 },
        { targets: [extension("8003")], ringMs: 10_000 },
        { targets: [outside("13900139000")], ringMs: 10_000 },
      ],
    },
    because: "When nobody answers, in turn: 8003 and 13900139000",
  },
  {
    name: "follow-me goes nowhere its owner may not dial, nor where nobody wants to be disturbed",
    calls: { outgoing, extensions: { "8002": { followMe: ["8003", "13900139000"], mayDial: ["local"] } } },
    set: ({ disturbNot }) => disturbNot.add("8003"),
    call: inside("8001", "8002"),
    action: rings([extension("8002")]),
    because: "Extension 8002 may not dial 13900139000; it is left out",
  },
  {
    name: "follow-me as switched counts before the configuration's",
    calls: { extensions: { "8002": { followMe: ["8003"] } } },
    set: ({ followMe }) => followMe.set("8002", ["8001"]),
    call: inside("8003", "8002"),
    action: rings([extension("8002")], [extension("8001")]),
  },
  {
    name: "a room's number rings its telephone",
    call: inside("8001", "806"),
    action: rings([extension("8806")]),
    because: "The extension of room 806 is 8806",
  },
  {
    name: "a room's own calls say which room",
    call: inside("8806", "8000"),
    action: assistant,
    because: "Extension 8806 (room 806) dials 8000",
  },

  // Groups.
  {
    name: "a group rings all at once but the one who calls",
    calls: { groups: [front] },
    call: inside("8002", "600"),
    action: rings([member("8001"), member("8003")]),
  },
  {
    name: "a group rings in turn",
    calls: { groups: [{ ...front, strategy: "in-turn", ringSeconds: 7 }] },
    call: fromLine("600"),
    action: { steps: ["8001", "8002", "8003"].map((number) => ({ targets: [member(number)], ringMs: 7_000 })) },
  },
  {
    name: "a group whose members do not want to be disturbed goes on where it goes",
    calls: { groups: [{ ...front, members: ["8001"], otherwise: { type: "number", number: "8003" } }] },
    set: ({ disturbNot }) => disturbNot.add("8001"),
    call: fromLine("600"),
    action: rings([extension("8003")]),
    because: "Group “前台” has nobody to ring",
  },
  {
    name: "a group may have a member outside",
    calls: { outgoing, groups: [{ ...front, members: ["8001", "13900139000"] }] },
    call: fromLine("600"),
    action: rings([member("8001"), outside("13900139000")]),
  },

  // Codes.
  {
    name: "the pick-up code takes calls of the own group",
    call: inside("8001", "*8"),
    action: { type: "pick-up", extensions: ["8002", "8003", "8806"] },
  },
  {
    name: "with a number behind it, at that extension",
    call: inside("8001", "*88002"),
    action: { type: "pick-up", extensions: ["8002"] },
  },
  {
    name: "with a group's number behind it, at its members",
    calls: { groups: [front] },
    call: inside("8001", "*8600"),
    action: { type: "pick-up", extensions: ["8002", "8003"] },
  },
  {
    name: "nobody takes calls of another pick-up group",
    calls: { extensions: { "8002": { pickupGroup: "office" } } },
    call: inside("8001", "*88002"),
    action: refused("rejected"),
  },
  { name: "do-not-disturb on", call: inside("8001", "*78"), action: { type: "do-not-disturb", on: true } },
  { name: "do-not-disturb off", call: inside("8001", "*79"), action: { type: "do-not-disturb", on: false } },
  { name: "the own mailbox", call: inside("8001", "*97"), action: { type: "mailbox", mailbox: "8001" } },
  { name: "a parked call", call: inside("8001", "705"), action: { type: "retrieve", slot: "705" } },
  {
    name: "parking is for calls that are up",
    call: inside("8001", "700"),
    action: refused("rejected"),
    because: "700 works only for a transfer during a call",
  },
  {
    name: "a paging number speaks to everybody but the speaker",
    calls: { groups: [{ ...front, pagingNumber: "650" }] },
    call: inside("8001", "650"),
    action: { type: "page", members: ["8002", "8003"] },
  },
  {
    name: "codes are not for strangers: their call is answered instead",
    calls: { groups: [{ ...front, pagingNumber: "650" }] },
    call: fromLine("650"),
    action: assistant,
    because: "650 is for extensions of this site only",
  },
  { name: "a line's caller cannot take a parked call", call: fromLine("705"), action: assistant },

  // Service numbers and the unknown.
  { name: "a service number is the assistant's", call: inside("8001", "8000"), action: assistant },
  { name: "an extension hears that a number does not exist", call: inside("8001", "4711"), action: refused("unreachable") },
  {
    name: "a line's caller is answered whatever was dialled",
    call: fromLine("4711"),
    action: assistant,
    because: "There is no number 4711",
  },
  {
    name: "a browser's caller is answered whatever was dialled",
    call: { line: undefined, channel: "web-call", caller: "", dialled: "4711" },
    action: assistant,
  },

  // Calling out.
  {
    name: "an extension calls out by the route that fits",
    calls: { outgoing },
    call: inside("8001", "987654321"),
    action: { ...rings([outside("987654321")]), whenBusy: { type: "refuse", as: "busy" } },
  },
  {
    name: "an extension that may not, does not",
    calls: { outgoing, extensions: { "8001": { mayDial: ["local"] } } },
    call: inside("8001", "13900139000"),
    action: refused("rejected"),
    because: "Extension 8001 may not call out by route “mobile”",
  },
  {
    name: "nobody calls out through the site from a line",
    calls: { outgoing },
    call: fromLine("13900139000"),
    action: assistant,
  },
  {
    name: "nor by showing an extension's number on a line",
    calls: { outgoing },
    call: fromLine("13900139000", "8001"),
    action: assistant,
  },
  {
    name: "nor from a telephone that is not registered",
    calls: { outgoing },
    call: inside("4712", "13900139000"),
    action: assistant,
  },
  {
    name: "nor from a browser that shows one",
    calls: { outgoing },
    call: { line: undefined, channel: "web-call", caller: "8001", dialled: "13900139000" },
    action: assistant,
  },

  // Emergency.
  {
    name: "help is called whatever an extension may dial",
    calls: { outgoing, extensions: { "8001": { mayDial: [] } } },
    call: inside("8001", "110"),
    action: { ...rings([outside("110")]), whenBusy: noHelp("110"), otherwise: noHelp("110") },
  },
  {
    name: "help is called also with the prefix of outside calls",
    calls: { outgoing: [{ name: "all", dialled: "9\\d+", strip: 1, prepend: "0" }] },
    call: inside("8001", "9119"),
    action: rings([outside("119")]),
  },
  {
    name: "help is called also by who is on the black list",
    set: ({ verdicts }) => verdicts.set("8001", "black"),
    call: inside("8001", "120"),
    action: rings([outside("120")]),
  },
  { name: "a line's caller gets no emergency call out of the site", call: fromLine("110"), action: assistant },

  // Lists.
  {
    name: "the black list refuses",
    set: ({ verdicts }) => verdicts.set("13800138000", "black"),
    call: fromLine("8000"),
    action: refused("rejected"),
  },
  {
    name: "the black list refuses before any rule",
    calls: { incoming: [{ to: { type: "number", number: "8001" } }] },
    set: ({ verdicts }) => verdicts.set("", "black"),
    call: fromLine("8000", ""),
    action: refused("rejected"),
  },
  {
    name: "who is on the white list goes on",
    set: ({ verdicts }) => verdicts.set("13800138000", "white"),
    call: fromLine("8000"),
    action: assistant,
  },

  {
    name: "browsers have no number to be listed by",
    set: ({ verdicts }) => verdicts.set("", "black"),
    call: { line: undefined, channel: "web-call", caller: "", dialled: "8000" },
    action: assistant,
  },

  // Incoming rules.
  {
    name: "the first rule that fits decides",
    calls: {
      incoming: [
        { lines: ["gateway"], to: { type: "number", number: "8001" } },
        { dialled: "8\\d{3}", to: { type: "number", number: "8002" } },
        { to: { type: "number", number: "8003" } },
      ],
    },
    call: fromLine("8000"),
    action: rings([extension("8002")]),
    because: "Rule 2 for incoming calls fits",
  },
  {
    name: "rules know callers however the network writes them",
    calls: { incoming: [{ caller: "138.*", to: { type: "refuse", as: "rejected" } }] },
    call: fromLine("8000", "+8613800138000"),
    action: refused("rejected"),
  },
  {
    name: "rules know callers that withhold their number",
    calls: { incoming: [{ caller: "^$", to: { type: "message" } }] },
    call: fromLine("8000", ""),
    action: { type: "message" },
  },
  {
    name: "rules are for lines, not for extensions",
    calls: { incoming: [{ to: { type: "refuse" } }] },
    call: inside("8001", "8000"),
    action: assistant,
  },
  {
    name: "a rule may send a caller outside, and back to the assistant in the end",
    calls: { outgoing, incoming: [{ to: { type: "number", number: "13900139000" } }] },
    call: fromLine("8000"),
    action: { ...rings([outside("13900139000")]), whenBusy: assistant, otherwise: assistant },
  },
  {
    name: "a rule may let a caller speak through the loudspeakers",
    calls: { groups: [{ ...front, pagingNumber: "650" }], incoming: [{ to: { type: "number", number: "650" } }] },
    call: fromLine("8000"),
    action: { type: "page", members: ["8001", "8002", "8003"] },
  },
];

test.each(cases)("$name", ({ calls, set, call, action, because }) => {
  const site = plannedSite(calls);
  set?.(site);
  const decision = site.plan.decide(call);
  expect(decision.action).toMatchObject(action as Action);
  expect(decision.because.length).toBeGreaterThan(0);
  if (because !== undefined) expect(decision.because).toContain(because);
});

test("a group that takes turns begins behind the one that was rung last", () => {
  const { plan, disturbNot } = plannedSite({ groups: [{ ...front, strategy: "round-robin" }] });
  const order = () => {
    const { action } = plan.decide(fromLine("600"));
    return action.type === "ring" ? action.steps.flatMap(({ targets }) => targets.map(({ number }) => number)) : [];
  };
  expect(order()).toEqual(["8001", "8002", "8003"]);
  // Asking what would happen rings nobody.
  expect(order()).toEqual(["8001", "8002", "8003"]);
  plan.rang(member("8001"));
  plan.rang(extension("8003"));
  expect(order()).toEqual(["8002", "8003", "8001"]);
  plan.rang(member("8003"));
  expect(order()).toEqual(["8001", "8002", "8003"]);
  plan.rang(member("8001"));
  disturbNot.add("8002");
  expect(order()).toEqual(["8003", "8001"]);
});

test("rules follow the hours, and say which day it is", () => {
  const calls = {
    schedules: [{ name: "office", hours: [{ days: [1, 2, 3, 4, 5], from: "09:00", to: "18:00" }] }],
    incoming: [
      { outside: "office", to: { type: "message" } },
      { during: "office", to: { type: "number", number: "8001" } },
    ],
  };
  const at = (text: string) => plannedSite(calls, Date.parse(text)).plan.decide(fromLine("8000"));
  expect(at("2026-03-02T12:00:00+08:00")).toEqual({
    action: expect.objectContaining({ type: "ring" }),
    because: [
      "The call comes in by line carrier for 8000",
      "Schedule “office” applies now",
      "Rule 1 for incoming calls does not apply at this time",
      "Schedule “office” applies now",
      "Rule 2 for incoming calls fits",
      "Goes to 8001",
      "Extension 8001 rings for 25 s",
    ],
  });
  expect(at("2026-03-02T20:00:00+08:00").action).toEqual({ type: "message" });
  const holiday = at("2026-10-05T12:00:00+08:00");
  expect(holiday.action).toEqual({ type: "message" });
  expect(holiday.because).toContain("The day is a public holiday: National Day (notice of the State Council)");
});

test("whom somebody may have rung depends on who it is", () => {
  const { plan } = plannedSite({ outgoing, groups: [front], extensions: { "8002": { mayDial: ["local"] } } });
  expect(plan.targetOf("8003", "8001")).toEqual(extension("8003"));
  expect(plan.targetOf("806", "8001")).toEqual(extension("8806"));
  expect(plan.targetOf("806", "806")).toBeUndefined();
  expect(plan.targetOf("13900139000", "8001")).toEqual(outside("13900139000"));
  expect(plan.targetOf("13900139000", "8002")).toBeUndefined();
  expect(plan.targetOf("13900139000", "13800138000")).toBeUndefined();
  expect(plan.targetOf("110", "8002")).toEqual(outside("110"));
  expect(plan.targetOf("600", "8001")).toBeUndefined();
  expect(plan.targetOf("4711", "8001")).toBeUndefined();
});

test("the reasons are told in Chinese where nothing else is asked", () => {
  const { plan } = plannedSite({ groups: [front] });
  expect(plan.explain(fromLine("600"), "zh-CN").because).toEqual([
    "来电从线路 carrier 呼入，拨打 600",
    "分机组“前台”同时振铃 8001、8002和8003",
  ]);
});

test("a telephone that is plugged into a card while the box runs is an extension at once, until it is taken away", () => {
  const { plan, telephones } = plannedSite({ outgoing, groups: [front] });
  const unknown = { action: refused("unreachable") };
  const stranger = { ...inside("6001", "8001"), dialled: "13900139000" };
  expect(plan.decide(inside("8001", "6001"))).toMatchObject(unknown);
  expect(plan.decide(stranger).action).toEqual(assistant);
  expect(plan.targetOf("13900139000", "6001")).toBeUndefined();

  telephones.add("6001");
  expect(plan.decide(inside("8001", "6001")).action).toMatchObject({ ...rings([extension("6001")]), otherwise: assistant });
  expect(plan.decide(stranger).action).toMatchObject(rings([outside("13900139000")]));
  expect(plan.targetOf("13900139000", "6001")).toEqual(outside("13900139000"));
  expect(plan.decide(inside("6001", "*8")).action).toMatchObject({
    type: "pick-up",
    extensions: ["8001", "8002", "8003", "8806"],
  });
  expect(plan.decide(inside("8001", "*8")).action).toMatchObject({ extensions: ["8002", "8003", "8806", "6001"] });

  telephones.delete("6001");
  expect(plan.decide(inside("8001", "6001"))).toMatchObject(unknown);
});
