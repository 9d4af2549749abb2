import { HandOff } from "@sitebox/core/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AgentPhone, type AgentPhoneEvent, stepAgentPhone } from "./agent-machine.ts";
import { askMicrophone } from "./microphone.ts";
import { isUnderWay, stepVisitorCall, type VisitorCall, type VisitorEvent } from "./visitor-machine.ts";

const offer = (callId: string) => HandOff.parse({ callId, callerNumber: "806", reason: "asked", summary: "s", moments: [] });
const agent = (events: readonly AgentPhoneEvent[], from: AgentPhone = { state: "away" }) => events.reduce(stepAgentPhone, from);
const visitor = (events: readonly VisitorEvent[], from: VisitorCall = { state: "idle" }) => events.reduce(stepVisitorCall, from);

const talking: readonly AgentPhoneEvent[] = [
  { type: "ready-set", ready: true },
  { type: "offers-changed", offers: [offer("c1")] },
  { type: "answer-pressed" },
  { type: "answered", at: 5 },
];

describe("the agent's softphone", () => {
  it("rings for an offer only when the agent is ready, and talks once it is answered", () => {
    expect(agent([{ type: "offers-changed", offers: [offer("c1")] }])).toEqual({ state: "away" });
    expect(agent(talking.slice(0, 2))).toMatchObject({ state: "ringing", offer: { callId: "c1" } });
    expect(agent(talking)).toMatchObject({ state: "talking", sinceAt: 5, muted: false, weak: false });
  });

  it("goes back to ready when the offer is taken elsewhere, and on to the next when there is one", () => {
    expect(agent([...talking.slice(0, 2), { type: "offers-changed", offers: [] }])).toEqual({ state: "ready" });
    expect(agent([...talking.slice(0, 2), { type: "offers-changed", offers: [offer("c2")] }])).toMatchObject({
      state: "ringing",
      offer: { callId: "c2" },
    });
    expect(agent([...talking.slice(0, 2), { type: "offers-changed", offers: [offer("c0"), offer("c1")] }])).toMatchObject({
      offer: { callId: "c1" },
    });
    expect(agent([...talking, { type: "offers-changed", offers: [] }])).toMatchObject({ state: "talking" });
    expect(
      agent([
        { type: "ready-set", ready: true },
        { type: "offers-changed", offers: [] },
      ]),
    ).toEqual({ state: "ready" });
  });

  it("mutes, weakens and recovers without losing the call", () => {
    expect(agent([...talking, { type: "mute-pressed" }, { type: "sound-lost" }])).toMatchObject({ muted: true, weak: true });
    expect(agent([...talking, { type: "sound-lost" }, { type: "sound-restored" }])).toMatchObject({
      state: "talking",
      weak: false,
    });
  });

  it("ends with its own call only, and keeps the context until it is put away", () => {
    expect(agent([...talking, { type: "call-ended", callId: "c9", reason: "x" }])).toMatchObject({ state: "talking" });
    const ended = agent([...talking, { type: "call-ended", callId: "c1", reason: "caller-left" }]);
    expect(ended).toMatchObject({ state: "ended", reason: "caller-left", offer: { callId: "c1" } });
    expect(agent([{ type: "dismissed" }], ended)).toEqual({ state: "ready" });
    expect(agent([...talking.slice(0, 3), { type: "answer-failed", reason: "taken" }])).toMatchObject({
      state: "ended",
      reason: "taken",
    });
  });

  it("has its call back after a reload, with its context and the time it began", () => {
    const back = agent([{ type: "resumed", offer: offer("c1"), sinceAt: 7 }]);
    expect(back).toEqual({ state: "talking", offer: offer("c1"), sinceAt: 7, muted: false, weak: true });
    expect(agent([{ type: "sound-restored" }], back)).toMatchObject({ weak: false });
    const talked = agent([...talking, { type: "mute-pressed" }, { type: "resumed", offer: offer("c1"), sinceAt: 7 }]);
    expect(talked).toMatchObject({ sinceAt: 5, muted: true, weak: true });
    expect(agent([...talking, { type: "resumed", offer: offer("c2"), sinceAt: 7 }])).toMatchObject({ offer: { callId: "c1" } });
  });

  it("never leaves a call by a switch of readiness, and never talks without an answer", () => {
    const events = fc.constantFrom<AgentPhoneEvent>(
      { type: "ready-set", ready: true },
      { type: "ready-set", ready: false },
      { type: "offers-changed", offers: [] },
      { type: "offers-changed", offers: [offer("c1")] },
      { type: "answer-pressed" },
      { type: "answered", at: 1 },
      { type: "answer-failed", reason: "x" },
      { type: "mute-pressed" },
      { type: "sound-lost" },
      { type: "sound-restored" },
      { type: "call-ended", callId: "c1", reason: "x" },
      { type: "dismissed" },
    );
    fc.assert(
      fc.property(fc.array(events, { maxLength: 30 }), (list) => {
        let phone: AgentPhone = { state: "away" };
        for (const event of list) {
          const next = stepAgentPhone(phone, event);
          if (next.state === "talking" && phone.state !== "talking")
            expect([phone.state, event.type]).toEqual(["answering", "answered"]);
          if (phone.state === "talking" && next.state !== "talking") expect(event.type).toBe("call-ended");
          phone = next;
        }
      }),
    );
  });
});

describe("a visitor's call", () => {
  it("goes from the button through the microphone and the ringing to the talk and its end", () => {
    const states = [
      { type: "call-pressed" },
      { type: "microphone-given" },
      { type: "placed", callId: "c1" },
      { type: "answered", callId: "c1", at: 1_000 },
      { type: "mute-pressed" },
      { type: "hung-up", at: 6_000 },
      { type: "dismissed" },
    ] as const;
    const seen: VisitorCall[] = [];
    states.reduce<VisitorCall>(
      (call, event) => {
        const next = stepVisitorCall(call, event);
        seen.push(next);
        return next;
      },
      { state: "idle" },
    );
    expect(seen).toEqual([
      { state: "asking" },
      { state: "ringing" },
      { state: "ringing", callId: "c1" },
      { state: "connected", callId: "c1", sinceAt: 1_000, muted: false, weak: false },
      { state: "connected", callId: "c1", sinceAt: 1_000, muted: true, weak: false },
      { state: "ended", lastedMs: 5_000 },
      { state: "idle" },
    ]);
  });

  it("says why it failed, and can be tried again", () => {
    const failed = visitor([{ type: "call-pressed" }, { type: "failed", fault: "denied" }]);
    expect(failed).toEqual({ state: "failed", fault: "denied" });
    expect(visitor([{ type: "call-pressed" }], failed)).toEqual({ state: "asking" });
  });

  it("comes back after a reload, and its sound with it", () => {
    const back = visitor([{ type: "resumed", callId: "c1", sinceAt: 7 }]);
    expect(back).toEqual({ state: "connected", callId: "c1", sinceAt: 7, muted: false, weak: true });
    expect(visitor([{ type: "sound-restored" }, { type: "sound-lost" }], back)).toEqual(back);
    const muted = visitor(
      [{ type: "sound-restored" }, { type: "mute-pressed" }, { type: "resumed", callId: "c1", sinceAt: 9 }],
      back,
    );
    expect(muted).toMatchObject({ sinceAt: 7, muted: true, weak: true });
    expect(visitor([{ type: "sound-lost" }, { type: "sound-restored" }])).toEqual({ state: "idle" });
  });

  it("hung up while it rings has lasted nothing", () => {
    expect(visitor([{ type: "call-pressed" }, { type: "microphone-given" }, { type: "hung-up", at: 9 }])).toEqual({
      state: "ended",
      lastedMs: 0,
    });
  });

  it("is only ever under way between the button and its end", () => {
    const events = fc.constantFrom<VisitorEvent>(
      { type: "microphone-given" },
      { type: "placed", callId: "c1" },
      { type: "answered", callId: "c1", at: 1 },
      { type: "mute-pressed" },
      { type: "hung-up", at: 2 },
      { type: "failed", fault: "failed" },
      { type: "dismissed" },
    );
    fc.assert(
      fc.property(fc.array(events), (list) => {
        expect(isUnderWay(visitor(list))).toBe(false);
        const call = visitor([{ type: "call-pressed" }, ...list]);
        expect(isUnderWay(call)).toBe(!list.some(({ type }) => type === "hung-up" || type === "failed"));
      }),
    );
  });
});

describe("the microphone", () => {
  const devices = (name: string) =>
    ({ getUserMedia: () => Promise.reject(Object.assign(new Error("no"), { name })) }) as unknown as MediaDevices;
  it("is refused for a reason that the page can put into words", async () => {
    await expect(askMicrophone("person", devices("NotAllowedError"))).rejects.toMatchObject({ fault: "denied" });
    await expect(askMicrophone("person", devices("NotFoundError"))).rejects.toMatchObject({ fault: "missing" });
  });
});
