import { BoxPush, HeadquartersPush } from "@sitebox/core/contract";
import { describe, expect, it } from "vitest";
import {
  activeAlarms,
  applyBoxPush,
  applyFieldPush,
  applyFleetPush,
  compareBoxes,
  emptyBoxState,
  emptyFieldState,
  emptyFleetState,
  isNewJob,
  project,
  totalsOf,
  type WaitingCommand,
} from "./index.ts";

const ticket = {
  id: "t1",
  number: "10001",
  state: "assigned",
  rev: 2,
  channel: "phone",
  kind: "repair",
  intent: "x",
  summary: "s",
  staff: "s1",
  openedAt: 1,
  updatedAt: 1,
};
const call = {
  id: "c1",
  channel: "phone",
  callerNumber: "806",
  dialled: "8000",
  state: "assistant",
  startedAt: 1,
  ticketIds: [],
  hasRecording: false,
};
const handOff = { callId: "c1", callerNumber: "806", reason: "asked", summary: "s", moments: [] };
const push = (value: object) => BoxPush.parse(value);
const knownAfter = (...pushes: object[]) => pushes.map(push).reduce(applyBoxPush, emptyBoxState);

describe("what the desk knows", () => {
  it("takes the newer of two revisions of a ticket, whichever comes last", () => {
    const newer = { type: "ticket", ticket: { ...ticket, rev: 3, state: "accepted" } };
    expect(knownAfter({ type: "ticket", ticket }, newer).tickets.map(({ state }) => state)).toEqual(["accepted"]);
    expect(knownAfter(newer, { type: "ticket", ticket }).tickets.map(({ state }) => state)).toEqual(["accepted"]);
  });

  it("lets no late push bring an ended call back", () => {
    const state = knownAfter({ type: "call", call: { ...call, state: "ended" } }, { type: "call", call });
    expect(state.calls.map(({ state: now }) => now)).toEqual(["ended"]);
  });

  it("keeps an offer until it is withdrawn or the call ends, with the words that come in meanwhile", () => {
    const offered = knownAfter(
      { type: "offer", handOff },
      { type: "moment", callId: "c1", moment: { atMs: 5, type: "heard", text: "hello" } },
    );
    expect(offered.offers[0]?.moments).toEqual([{ atMs: 5, type: "heard", text: "hello" }]);
    expect(applyBoxPush(offered, push({ type: "moment", callId: "c1", moment: { strange: true } }))).toBe(offered);
    expect(applyBoxPush(offered, push({ type: "offer-withdrawn", callId: "c1", reason: "taken" })).offers).toEqual([]);
    expect(applyBoxPush(offered, push({ type: "call-ended", callId: "c1", reason: "bye" })).offers).toEqual([]);
    expect(applyBoxPush(offered, push({ type: "offer", handOff })).offers).toHaveLength(1);
  });

  it("puts people, extensions, uplink and health in their places", () => {
    const staff = { id: "s1", name: "Li", skills: ["*"], zones: [], onShift: true };
    const extension = { number: "8001", displayName: "desk", registered: true, contacts: [] };
    const state = knownAfter(
      { type: "staff", staff },
      { type: "staff", staff: { ...staff, onShift: false } },
      { type: "extension", extension },
      { type: "uplink", uplink: { state: "offline", waiting: 3 } },
      { type: "health", health: { state: "ok", box: "b", site: "s", software: "1", parts: [] } },
    );
    expect(state).toMatchObject({
      staff: [{ onShift: false }],
      extensions: [extension],
      uplink: { waiting: 3 },
      health: { state: "ok" },
    });
    expect(applyBoxPush(state, push({ type: "extension-removed", number: "8001" })).extensions).toEqual([]);
  });
});

describe("what the desk knows of its lines", () => {
  const line = {
    name: "gsm-1",
    kind: "gsm",
    state: "up",
    calls: 0,
    maxCalls: 1,
    numbers: [],
    can: { text: true, ussd: true, balance: true },
  };
  const text = { id: "m1", line: "gsm-1", direction: "out", number: "10086", text: "ye", state: "waiting", at: 1 };
  const device = { usbPath: "1-1.4", usbId: "2c7c:0125", model: "Quectel EC20", profile: "quectel-ec2x" };

  it("follows a line until it is removed", () => {
    const state = knownAfter({ type: "line", line }, { type: "line", line: { ...line, state: "down", fault: "no-sim" } });
    expect(state.lines).toMatchObject([{ name: "gsm-1", state: "down", fault: "no-sim" }]);
    expect(applyBoxPush(state, push({ type: "line-removed", name: "gsm-1" })).lines).toEqual([]);
  });

  it("puts a new line after the others, as the box lists them", () => {
    const state = knownAfter({ type: "line", line }, { type: "line", line: { ...line, name: "gsm-2" } });
    expect(state.lines.map(({ name }) => name)).toEqual(["gsm-1", "gsm-2"]);
  });

  it("takes the found devices as they are told last", () => {
    const found = { type: "found-devices", devices: [device] };
    expect(knownAfter(found).devices).toMatchObject([{ model: "Quectel EC20" }]);
    expect(knownAfter(found, { type: "found-devices", devices: [] }).devices).toEqual([]);
  });

  it("lets no late push take a text back to an earlier state", () => {
    const state = knownAfter(
      { type: "text", text },
      { type: "text", text: { ...text, state: "delivered" } },
      { type: "text", text: { ...text, state: "sent" } },
    );
    expect(state.texts.map(({ state: now }) => now)).toEqual(["delivered"]);
  });
});

describe("what a repairman's page knows", () => {
  const assigned = push({ type: "ticket", ticket });
  const mine = applyFieldPush(emptyFieldState, assigned, "s1");

  it("has his own tickets, and loses one that goes to somebody else", () => {
    expect(mine.tickets).toHaveLength(1);
    expect(applyFieldPush(mine, push({ type: "ticket", ticket: { ...ticket, staff: "s2", rev: 3 } }), "s1").tickets).toEqual([]);
    expect(applyFieldPush(emptyFieldState, assigned, "s2").tickets).toEqual([]);
    expect(
      applyFieldPush(mine, push({ type: "ticket", ticket: { ...ticket, rev: 1, state: "done" } }), "s1").tickets[0]?.state,
    ).toBe("assigned");
    expect(applyFieldPush(mine, push({ type: "uplink", uplink: { state: "online", waiting: 0 } }), "s1")).toBe(mine);
    expect(
      applyFieldPush(mine, push({ type: "staff", staff: { id: "s1", name: "Li", skills: [], zones: [], onShift: true } }), "s1")
        .me?.name,
    ).toBe("Li");
  });

  it("rings for a job once", () => {
    expect(isNewJob(emptyFieldState, assigned, "s1")).toBe(true);
    expect(isNewJob(mine, assigned, "s1")).toBe(false);
    expect(isNewJob(emptyFieldState, assigned, "s2")).toBe(false);
    expect(isNewJob(emptyFieldState, push({ type: "ticket", ticket: { ...ticket, state: "done" } }), "s1")).toBe(false);
  });

  it("shows what waits for the box as done, and hides what was declined", () => {
    const waiting = (action: "accept" | "start" | "decline"): WaitingCommand => ({
      ticketId: mine.tickets[0]?.id as WaitingCommand["ticketId"],
      number: "10001",
      at: 0,
      command: { action, commandId: action },
    });
    expect(project(mine.tickets, [])).toMatchObject([{ waiting: 0, ticket: { state: "assigned" } }]);
    expect(project(mine.tickets, [waiting("accept"), waiting("start")])).toMatchObject([
      { waiting: 2, ticket: { state: "in-progress" } },
    ]);
    expect(project(mine.tickets, [waiting("decline")])).toEqual([]);
  });
});

describe("what the console knows", () => {
  const box = {
    box: "b1",
    siteName: "One",
    online: true,
    since: 1,
    software: "1",
    health: "ok",
    enrolledAt: 1,
    certificateExpiresAt: 2,
    alarms: [],
    openTickets: 2,
  };
  const claim = { code: "AAAABBBB", box: "b1", siteName: "One", fingerprint: "f", askedAt: 1 };
  const fleet = (...pushes: object[]) =>
    pushes.map((value) => HeadquartersPush.parse(value)).reduce(applyFleetPush, emptyFleetState);

  it("keeps tickets of the same id apart by their boxes, each at its newest revision", () => {
    const state = fleet(
      { type: "ticket", ticket: { ...ticket, box: "b1", siteName: "One" } },
      { type: "ticket", ticket: { ...ticket, box: "b2", siteName: "Two" } },
      { type: "ticket", ticket: { ...ticket, box: "b2", siteName: "Two", rev: 1, state: "open" } },
    );
    expect(state.tickets.map(({ box: of, state: now }) => [of, now])).toEqual([
      ["b2", "assigned"],
      ["b1", "assigned"],
    ]);
  });

  it("forgets a claim when its box has joined", () => {
    expect(fleet({ type: "claim", claim }).claims).toHaveLength(1);
    expect(fleet({ type: "claim", claim }, { type: "box", box }).claims).toEqual([]);
  });

  it("counts, and puts those first that need somebody", () => {
    const alarm = { code: "disk", severity: "critical", text: "full", active: true, at: 1 };
    const { boxes } = fleet(
      { type: "box", box },
      { type: "box", box: { ...box, box: "b2", siteName: "Two", online: false, alarms: [alarm, { ...alarm, active: false }] } },
      { type: "box", box: { ...box, box: "b3", siteName: "Three", health: "failed" } },
    );
    expect([...boxes].sort(compareBoxes).map(({ box: id }) => id)).toEqual(["b2", "b3", "b1"]);
    expect(totalsOf(boxes, [])).toEqual({ boxes: 3, online: 2, openTickets: 6, unassigned: 0, alarms: 1, critical: 1 });
    expect(boxes.flatMap(activeAlarms)).toHaveLength(1);
  });
});
