import { Account, type BoxPush, HandOff } from "@sitebox/core/contract";
import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import type { SocketClient } from "@sitebox/core/web";
import type { Digit, Leg, LegRequest, RtpPort } from "@sitebox/drivers/line";
import { expect, test } from "vitest";
import { type BrowserSession, type SessionEnd, WebRtcError } from "../media/index.ts";
import type { BrowserLeg } from "./browser-leg.ts";
import { BrowserLines } from "./browser-lines.ts";

/** A media session that has no sound, but remembers whether it was closed and who looks at whom. */
class QuietSession implements BrowserSession {
  readonly routerRtpCapabilities = {};
  readonly port = {} as RtpPort;
  readonly isConnected = true;
  readonly end = Promise.withResolvers<SessionEnd>();
  readonly ended = this.end.promise;
  camera = false;
  closed = false;
  transports = 0;

  async createTransport(direction: "send" | "receive") {
    this.transports++;
    return { id: direction, iceParameters: {} as never, iceCandidates: [], dtlsParameters: {} as never };
  }
  async connectTransport() {}
  async produce(_: string, kind: string) {
    if (kind === "video") this.camera = true;
    return kind;
  }
  async consume() {
    return { id: "c", producerId: "p", kind: "audio" as const, rtpParameters: {} as never };
  }
  async consumeCamera(of: BrowserSession) {
    if (!(of instanceof QuietSession) || !of.camera) throw new WebRtcError("refused", "there is no camera");
    return { id: "v", producerId: "p", kind: "video" as const, rtpParameters: {} as never };
  }
  stopCamera() {
    this.camera = false;
  }
  async resume() {}
  async [Symbol.asyncDispose]() {
    this.closed = true;
    this.end.resolve("closed");
  }
}

class Tab implements SocketClient {
  static count = 0;
  readonly id = `tab-${++Tab.count}`;
  readonly path = "/ws";
  readonly account?: Account;
  readonly pushes: BoxPush[] = [];
  readonly #closing = new AbortController();

  constructor(account?: Account) {
    if (account) this.account = account;
  }
  get closed() {
    return this.#closing.signal;
  }
  push(message: unknown) {
    this.pushes.push(message as BoxPush);
  }
  close() {
    this.#closing.abort();
  }
  of<T extends BoxPush["type"]>(type: T) {
    return this.pushes.filter((push): push is Extract<BoxPush, { type: T }> => push.type === type);
  }
}

const person = (name: string, role: "agent" | "staff" = "agent") =>
  Account.parse({ id: `id-${name}`, name, displayName: name, role, mustChangePassword: false });
const handOff = HandOff.parse({ callId: "c1", callerNumber: "806", reason: "asked", summary: "要人工", moments: [] });

function open() {
  const clock = new VirtualClock();
  const sessions: QuietSession[] = [];
  const visitors: BrowserLeg[] = [];
  const notes: string[] = [];
  const taken: Leg[] = [];
  const lines = new BrowserLines({
    clock,
    log: silentLog,
    openSession: async () => {
      const session = new QuietSession();
      sessions.push(session);
      return session;
    },
    handOffs: {
      ready: (agent) => agent.push({ type: "offer", handOff }),
      away: () => {},
      answer: (callId, leg) => callId === "c1" && taken.push(leg) > 0,
    },
    adopt: (leg) => visitors.push(leg),
    visitorDials: "8000",
    // The visitor's call is the one that agents are offered.
    callOf: async (wireId) => (visitors.some(({ facts }) => facts.wireId === wireId) ? "c1" : undefined),
    note: async (_, text) => void notes.push(text),
  });
  const ask = (tab: Tab, method: string, params: unknown = {}) => {
    const methods = tab.account ? lines.agentMethods : lines.visitorMethods;
    return methods[method]?.(tab, params);
  };
  return { clock, sessions, visitors, notes, taken, lines, ask };
}

test("an agent's call outlives its page: the next page of the account gets it with its context and its sound", async () => {
  const { clock, sessions, notes, taken, ask } = open();
  const first = new Tab(person("lin"));
  await ask(first, "agent.ready", { ready: true });
  await ask(first, "rtc.transport", { direction: "send" });
  expect(await ask(first, "agent.answer", { callId: "c1" })).toMatchObject({ callId: "c1", handOff: { summary: "要人工" } });
  await clock.advance(60_000);
  first.close();
  await clock.advance(29_000);
  const second = new Tab(person("lin"));
  expect(await ask(second, "agent.resume")).toMatchObject({ callId: "c1", handOff: { summary: "要人工" } });
  await ask(second, "rtc.transport", { direction: "send" });
  expect(sessions).toHaveLength(1);
  expect(sessions[0]?.transports).toBe(2);
  await clock.advance(60_000);
  expect(sessions[0]?.closed).toBe(false);
  expect(notes).toEqual(["the agent's page has gone", "the agent's page is back"]);
  await taken[0]?.hangup("normal");
  expect(second.of("call-ended")).toEqual([{ type: "call-ended", callId: "c1", reason: "normal" }]);
  expect(sessions[0]?.closed).toBe(true);
});

test("a page that does not come back costs its call after 30 s, and nobody else's", async () => {
  const { clock, sessions, notes, taken, ask } = open();
  const tab = new Tab(person("lin"));
  await ask(tab, "agent.answer", { callId: "c1" });
  tab.close();
  await clock.advance(30_000);
  expect(await taken[0]?.ended).toBe("normal");
  expect(sessions[0]?.closed).toBe(true);
  expect(notes.at(-1)).toBe("the agent's page did not come back");
  expect(await ask(new Tab(person("lin")), "agent.resume")).toEqual({});
});

test("of two pages of one account the newest has the call, and nobody of another account gets it", async () => {
  const { clock, sessions, taken, ask } = open();
  const [first, second] = [new Tab(person("lin")), new Tab(person("lin"))];
  await ask(first, "agent.answer", { callId: "c1" });
  expect(await ask(new Tab(person("wang")), "agent.resume")).toEqual({});
  expect(await ask(second, "agent.resume")).toMatchObject({ callId: "c1" });
  expect(first.of("call-ended")).toMatchObject([{ reason: "moved" }]);
  await expect(ask(first, "agent.control", { action: "hold" })).rejects.toMatchObject({ fault: "conflict" });
  first.close();
  await clock.advance(60_000);
  expect(sessions[0]?.closed).toBe(false);
  await ask(second, "agent.hangup");
  expect(await taken[0]?.ended).toBe("normal");
});

test("a visitor's call is taken back with its token only", async () => {
  const { clock, visitors, ask } = open();
  const first = new Tab();
  const call = (await ask(first, "visitor.call")) as { token: string };
  await expect(ask(first, "visitor.call")).rejects.toMatchObject({ fault: "conflict" });
  first.close();
  expect(await ask(new Tab(), "visitor.resume", { token: crypto.randomUUID() })).toEqual({});
  await expect(ask(new Tab(), "visitor.resume", {})).rejects.toMatchObject({ fault: "invalid" });
  const second = new Tab();
  expect(await ask(second, "visitor.resume", { token: call.token })).toMatchObject({ token: call.token });
  await clock.advance(60_000);
  await ask(second, "visitor.digits", { digits: "1#" });
  await ask(second, "visitor.hangup");
  expect(await visitors[0]?.ended).toBe("normal");
  const digits: Digit[] = [];
  for await (const digit of visitors[0]?.digits ?? []) digits.push(digit);
  expect(digits).toEqual(["1", "#"]);
});

test("what the agent's buttons ask reaches the call, and how it goes reaches the page, also the next one", async () => {
  const { taken, ask } = open();
  const tab = new Tab(person("lin"));
  await ask(tab, "agent.answer", { callId: "c1" });
  const leg = taken[0] as BrowserLeg;
  for (const action of ["hold", "resume", "join", "back", "hand-over", "park"]) await ask(tab, "agent.control", { action });
  await ask(tab, "agent.control", { action: "consult", target: "8002" });
  await ask(tab, "agent.control", { action: "transfer", target: "8003" });
  await expect(ask(tab, "agent.control", { action: "transfer", target: "sip:evil@x" })).rejects.toMatchObject({
    fault: "invalid",
  });
  leg.show({ state: "consulting", parties: ["8002"] });
  expect(tab.of("situation").at(-1)?.situation).toEqual({ state: "consulting", parties: ["8002"] });
  const next = new Tab(person("lin"));
  expect(await ask(next, "agent.resume")).toMatchObject({ situation: { state: "consulting" } });
  await leg.hangup("normal");
  const requests: LegRequest[] = [];
  for await (const request of leg.requests) requests.push(request);
  expect(requests.map((one) => ("target" in one ? `${one.type} ${one.target}` : one.type))).toEqual([
    ..."hold resume join back hand-over park".split(" "),
    "consult 8002",
    "transfer 8003",
  ]);
  for (const request of requests) if (request.type === "transfer") request.report("ringing");
});

test("an offer that was taken elsewhere leaves no call, and staff answer none", async () => {
  const { sessions, ask } = open();
  const tab = new Tab(person("lin"));
  await expect(ask(tab, "agent.answer", { callId: "c2" })).rejects.toMatchObject({ fault: "conflict" });
  expect(sessions[0]?.closed).toBe(true);
  await expect(ask(new Tab(person("li", "staff")), "agent.resume")).rejects.toMatchObject({ fault: "not-allowed" });
});

test("when the media process dies the page is told that its call is over", async () => {
  const { sessions, ask, taken } = open();
  const tab = new Tab(person("lin"));
  await ask(tab, "agent.answer", { callId: "c1" });
  sessions[0]?.end.resolve("media-restarted");
  expect(await taken[0]?.ended).toBe("failed");
  expect(tab.of("call-ended")).toMatchObject([{ reason: "failed" }]);
});

test("visitor and agent see each other only while both are browsers in one talk", async () => {
  const { sessions, taken, ask } = open();
  const [visitor, agent] = [new Tab(), new Tab(person("lin"))];
  await ask(visitor, "visitor.call");
  const camera = { transportId: "send", kind: "video", rtpParameters: {} };
  await expect(ask(visitor, "rtc.produce", camera)).rejects.toMatchObject({ fault: "conflict" });
  await ask(agent, "agent.answer", { callId: "c1" });
  const last = (tab: Tab) => tab.of("video").at(-1);
  expect(last(visitor)).toMatchObject({ may: true, theirs: false });
  await ask(visitor, "rtc.produce", camera);
  expect(last(agent)).toMatchObject({ may: true, theirs: true });
  expect(await ask(agent, "rtc.consume", { rtpCapabilities: {}, kind: "video" })).toMatchObject({ kind: "video" });
  await expect(ask(visitor, "rtc.consume", { rtpCapabilities: {}, kind: "video" })).rejects.toMatchObject({ fault: "refused" });
  (taken[0] as BrowserLeg).show({ state: "holding", parties: [] });
  expect(last(agent)).toMatchObject({ may: false, theirs: false });
  expect(sessions.map(({ camera: on }) => on)).toEqual([false, false]);
  await expect(ask(visitor, "rtc.produce", camera)).rejects.toMatchObject({ fault: "conflict" });
  (taken[0] as BrowserLeg).show({ state: "talking", parties: [] });
  await ask(visitor, "rtc.produce", camera);
  await ask(visitor, "rtc.camera-off");
  expect(last(agent)).toMatchObject({ may: true, theirs: false });
  await ask(agent, "agent.hangup");
  expect(last(visitor)).toMatchObject({ may: false });
});
