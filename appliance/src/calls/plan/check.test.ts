import { ConfigError } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import { plannedSite } from "./testing/index.ts";

/** What is wrong with a configuration, one line each; empty where nothing is. */
function problems(calls: unknown): string[] {
  try {
    plannedSite(calls);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }
}

const to = (number: string) => ({ type: "number", number });

test("a configuration without a word about calls is in order", () => {
  expect(problems({})).toEqual([]);
});

test("all that is wrong is told at once, each with its place", () => {
  const message = () =>
    plannedSite({
      groups: [{ number: "600", name: "前台", members: ["8001", "8009"], otherwise: to("4711") }],
      incoming: [{ lines: ["carier"], during: "office", to: { type: "message", mailbox: "8009" } }],
      extensions: { "8009": {}, "8001": { mayDial: ["abroad"], followMe: ["8001", "12"] } },
    });
  expect(message).toThrow(
    [
      "the dial plan has 9 errors; correct it and start again:",
      "  calls.incoming[0].lines: there is no line “carier”; there are carrier, gateway",
      "  calls.incoming[0].during: there is no schedule “office”",
      "  calls.extensions.8001.mayDial: there is no outgoing route “abroad”",
      "  calls.extensions.8009: there is no such extension",
      "  calls.groups[0].members[1]: 8009 is no extension and no route goes there",
      "  calls.groups[0].otherwise.number: 4711 is nothing that a call could be passed on to",
      "  calls.extensions.8001.followMe[0]: an extension cannot follow itself",
      "  calls.extensions.8001.followMe[1]: 12 is no extension and no route goes there",
      "  calls.incoming[0].to.mailbox: 8009 is no extension, so it has no mailbox",
    ].join("\n"),
  );
});

test.each<[string, unknown, string]>([
  ["a bad pattern", { outgoing: [{ name: "a", dialled: "0(" }] }, "calls.outgoing[0].dialled: “0(” is not a regular expression"],
  ["a bad pattern of a list", { blacklist: ["ok", "["] }, "calls.blacklist[1]: “[” is not a regular expression"],
  [
    "a group with an extension's number",
    { groups: [{ number: "8001", name: "g", members: ["8002"] }] },
    "calls.groups[0].number: 8001 is taken already by sip.extensions[0].number",
  ],
  [
    "a code with an extension's number",
    { codes: { park: "8003" } },
    "calls.codes.park: 8003 is taken already by sip.extensions[2].number",
  ],
  [
    "parking slots over a service number",
    { codes: { parkSlots: { first: 7_995, last: 8_000 } } },
    "calls.codes.parkSlots: 8000 is taken already by sip.serviceNumbers[0]",
  ],
  [
    "parking slots the wrong way round",
    { codes: { parkSlots: { first: 9, last: 3 } } },
    "calls.codes.parkSlots: the last slot comes before the first",
  ],
  [
    "very many parking slots",
    { codes: { parkSlots: { first: 1, last: 5_000_000_000 } } },
    "calls.codes.parkSlots: more than 100 slots",
  ],
  ["a code behind the pick-up code", { codes: { mailbox: "*81" } }, "calls.codes.mailbox: *81 begins with the pick-up code *8"],
  [
    "an extension that is an emergency number",
    { emergencyNumbers: ["8001"] },
    "sip.extensions[0].number: 8001 is taken already by calls.emergencyNumbers[0]",
  ],
  [
    "a group in a group",
    {
      groups: [
        { number: "600", name: "g", members: ["601"] },
        { number: "601", name: "h", members: ["8001"] },
      ],
    },
    "calls.groups[0].members[0]: 601 is a group; name its members",
  ],
  [
    "a paging number for nobody",
    {
      outgoing: [{ name: "m", dialled: "1\\d{10}" }],
      groups: [{ number: "600", name: "g", members: ["13800138000"], pagingNumber: "650" }],
    },
    "calls.groups[0].pagingNumber: no member of the group is an extension, so nobody could be spoken to",
  ],
  [
    "a day that does not exist",
    { calendar: [{ date: "2026-02-30", kind: "holiday" }] },
    "calls.calendar[0].date: there is no 2026-02-30",
  ],
  [
    "a day twice",
    {
      calendar: [
        { date: "2026-02-01", kind: "holiday" },
        { date: "2026-02-01", kind: "workday" },
      ],
    },
    "calls.calendar[1].date: 2026-02-01 stands here twice",
  ],
  [
    "hours without length",
    { schedules: [{ name: "s", hours: [{ days: [1], from: "08:00", to: "08:00" }] }] },
    'calls.schedules[0].hours[0]: it begins when it ends; a whole day is "00:00" to "24:00"',
  ],
  [
    "hours after midnight's end",
    { schedules: [{ name: "s", hours: [{ days: [1], from: "08:00", to: "24:30" }] }] },
    "calls.schedules[0].hours[0].to: a day ends at 24:00",
  ],
  [
    "two schedules of one name",
    {
      schedules: [
        { name: "s", hours: [] },
        { name: "s", hours: [] },
      ],
    },
    "calls.schedules[1].name: “s” is there twice",
  ],
  [
    "a circle of extensions",
    {
      extensions: {
        "8001": { whenUnanswered: to("8002") },
        "8002": { whenBusy: to("8003"), whenUnanswered: { type: "assistant" } },
        "8003": { whenUnanswered: to("8001") },
      },
    },
    "calls: calls that nobody takes would go round in a circle: 8001 → 8002 → 8003 → 8001",
  ],
  [
    "a group that goes on to itself",
    { groups: [{ number: "600", name: "g", members: ["8001"], otherwise: to("600") }] },
    "calls: calls that nobody takes would go round in a circle: 600 → 600",
  ],
  [
    "a caller who is sent to a code",
    { incoming: [{ to: to("*97") }] },
    "calls.incoming[0].to.number: *97 is nothing that a call could be passed on to",
  ],
])("%s is found", (_, calls, problem) => {
  expect(problems(calls)).toEqual([problem]);
});
