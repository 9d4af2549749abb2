import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SelfCallConfig } from "@sitebox/core/contract";
import { Channel, silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import type { AudioPort, DialOptions, DialOutcome, Leg, LineState } from "@sitebox/drivers/line";
import { openLoopback } from "@sitebox/drivers/line/loopback";
import { expect, test } from "vitest";
import { openBoxDatabase } from "../../db/index.ts";
import { isFrom } from "./our-call.ts";
import { SelfCalls } from "./self-calls.ts";

/** A quarter to four in Beijing. */
const NIGHT = Date.parse("2026-03-02T03:45:00+08:00");
const MINUTE = 60_000;
const DAY = 86_400_000;

interface TestLine {
  number: string;
  calls: number;
  maxCalls: number;
  up: boolean;
  limited?: string;
  price: number;
  /** Nothing that is said into it goes through. */
  mute: boolean;
  /** What its network shows of the caller of a call that comes in. */
  shows: (number: string) => string;
  /** Instead of calls to it coming in. */
  refuses?: DialOutcome;
}

/** Both ends of a call that nobody has answered. */
async function ringing(caller: string, clock: VirtualClock, signal = new AbortController().signal) {
  const trunk = openLoopback({ number: "1" }, { clock, log: silentLog });
  const outcome = trunk.dial("1", { signal, callerNumber: caller });
  for await (const far of trunk.incoming) return { far, outcome };
  throw new Error("it does not ring");
}

/** Lines to one telephone network, and the box's own calls between them. */
async function openNetwork(
  names: Readonly<Record<string, Partial<TestLine>>>,
  options: { dataDir?: string; config?: object } = {},
) {
  await using opening = new AsyncDisposableStack();
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "sitebox-self-calls-")));
  if (options.dataDir === undefined) opening.defer(() => rm(dataDir, { recursive: true }));
  const clock = new VirtualClock(NIGHT);
  const db = opening.use(await openBoxDatabase(dataDir));
  const lines = new Map<string, TestLine>();
  for (const [i, [name, line]] of Object.entries(names).entries())
    lines.set(name, {
      number: `1380013800${i}`,
      calls: 0,
      maxCalls: 1,
      up: true,
      price: 0,
      mute: false,
      shows: (number) => number,
      ...line,
    });
  const dialled: string[] = [];
  const guests = new Channel<Leg>();
  const wireless = (line: TestLine, audio: AudioPort): AudioPort =>
    line.mute ? { frames: audio.frames, write: () => {}, [Symbol.asyncDispose]: () => audio[Symbol.asyncDispose]() } : audio;
  const occupied = (line: TestLine, leg: Leg) => {
    line.calls++;
    void leg.ended.then(() => void line.calls--);
  };
  /** A call comes in by a line. */
  const comeIn = (leg: Leg) => {
    if (!selfCalls.takes(leg)) guests.push(leg);
  };
  const dial = async (by: string, number: string, { signal }: DialOptions): Promise<DialOutcome> => {
    dialled.push(`${by} ${number}`);
    const caller = lines.get(by);
    const [name, called] = [...lines].find(([, line]) => line.number === number) ?? [];
    if (!caller || !called || name === undefined) return { type: "unreachable", reason: "nobody has that number" };
    if (called.refuses) return called.refuses;
    const { far, outcome } = await ringing(called.shows(caller.number), clock, signal);
    occupied(caller, far);
    occupied(called, far);
    comeIn({ ...far, line: name, audio: wireless(called, far.audio) });
    const dialledOutcome = await outcome;
    if (dialledOutcome.type !== "answered") return dialledOutcome;
    const { leg } = dialledOutcome;
    return { type: "answered", leg: { ...leg, line: by, audio: wireless(caller, leg.audio) } };
  };
  const selfCalls: SelfCalls = opening.use(
    new SelfCalls({
      db,
      clock,
      log: silentLog,
      config: SelfCallConfig.parse(options.config ?? {}),
      timeZone: "Asia/Shanghai",
      lines: {
        states: () =>
          [...lines].map(([name, { up, calls, maxCalls }]): LineState => ({ name, state: up ? "up" : "down", calls, maxCalls })),
        find: (name) => ({ dial: (number, dialOptions) => dial(name, number, dialOptions) }),
        limited: (name) => lines.get(name)?.limited,
        price: (name) => lines.get(name)?.price ?? 0,
      },
      numbersOf: (name) => [lines.get(name)?.number ?? []].flat(),
      onResult: () => {},
    }),
  );
  await selfCalls.load();
  const owned = opening.move();
  const line = (name: string) => {
    const found = lines.get(name);
    if (!found) throw new Error(`no line ${name}`);
    return found;
  };
  return {
    selfCalls,
    clock,
    line,
    dialled,
    guests,
    /** Calls a line and lets it come to its end. */
    call: async (name: string) => {
      const called = selfCalls.call(name);
      let done = false;
      void called.then(() => (done = true));
      while (!done) await clock.advance(20);
      return called;
    },
    /** Lets time pass until it is said so. */
    until: async (is: () => boolean) => {
      while (!is()) await clock.advance(20);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const guest = async (line: string | undefined, clock: VirtualClock): Promise<Leg> => ({
  ...(await ringing("13912345678", clock)).far,
  line,
});

/** How long the call to "a" took: the clock goes on while its result is written. */
const tookMs = (net: { readonly selfCalls: SelfCalls }, startedAt: number) =>
  (net.selfCalls.of("a")[0]?.at ?? Number.POSITIVE_INFINITY) - startedAt;

test("a line is called by another, rings, hears and is heard, and nothing is up afterwards", async () => {
  await using net = await openNetwork({ a: {}, b: {} });
  const startedAt = net.clock.now();
  const called = await net.call("a");
  expect(called).toMatchObject({
    type: "called",
    calls: [
      {
        number: "13800138000",
        by: "b",
        result: "good",
        toLine: { heard: true, level: -12 },
        fromLine: { heard: true, level: -12 },
      },
    ],
  });
  expect(net.dialled).toEqual(["b 13800138000"]);
  expect(net.selfCalls.of("a")).toMatchObject([{ result: "good" }]);
  expect([net.line("a").calls, net.line("b").calls]).toEqual([0, 0]);
  expect(tookMs(net, startedAt)).toBeLessThan(2_000);
});

test.each([
  ["a", { toLine: true, fromLine: false }],
  ["b", { toLine: false, fromLine: true }],
] as const)("a line of which one direction is silent is found: nothing goes out by %s", async (mute, heard) => {
  await using net = await openNetwork({ a: {}, b: {} });
  net.line(mute).mute = true;
  expect(await net.call("a")).toMatchObject({
    calls: [{ result: "silent", toLine: { heard: heard.toLine }, fromLine: { heard: heard.fromLine } }],
  });
});

test("a number that does not ring is found, with what the line that called says", async () => {
  await using net = await openNetwork({ a: { refuses: { type: "unreachable", reason: "480 not registered" } }, b: {} });
  expect(await net.call("a")).toMatchObject({ calls: [{ result: "not-rung", reason: "480 not registered" }] });
  net.line("a").refuses = { type: "busy" };
  expect(await net.call("a")).toMatchObject({ calls: [{ result: "not-rung", reason: "busy" }] });
});

test("a number whose calls go to somebody else is left after seconds", async () => {
  await using net = await openNetwork({ a: {}, b: {} });
  const mailbox = await ringing("", net.clock);
  await mailbox.far.answer();
  net.line("a").refuses = await mailbox.outcome;
  const startedAt = net.clock.now();
  expect(await net.call("a")).toMatchObject({ calls: [{ result: "not-rung", reason: "somebody else answered" }] });
  expect(tookMs(net, startedAt)).toBeLessThan(6_000);
  expect(await mailbox.far.ended).toBe("normal");
});

test("a call that shows no number is a guest's for all that anybody knows: it is left to the box, and the line told untestable", async () => {
  await using net = await openNetwork({ a: { shows: () => "" }, b: {} });
  expect(await net.call("a")).toMatchObject({ calls: [{ result: "no-number" }] });
  expect((await net.guests[Symbol.asyncIterator]().next()).value).toMatchObject({ line: "a" });
});

test("who calls on a line that is in our use has it at once; the call is nobody's result", async () => {
  for (const on of ["a", "b"]) {
    await using net = await openNetwork({ a: {}, b: {} });
    const called = net.selfCalls.call("a");
    await net.until(() => net.line("a").calls === 1);
    expect(net.selfCalls.takes(await guest(on, net.clock))).toBe(false);
    expect(await called).toEqual({ type: "not-called", reason: "it was broken off: somebody called" });
    expect([net.line("a").calls, net.line("b").calls]).toEqual([0, 0]);
    expect(net.selfCalls.of("a")).toEqual([]);
  }
});

test("who calls on a busy line that is in our use is let in, on another he is not", async () => {
  await using net = await openNetwork({ a: {}, b: {}, c: { price: 5 } });
  expect(net.selfCalls.callWaits("a")).toBe(false);
  const called = net.selfCalls.call("a");
  await net.until(() => net.line("a").calls === 1);
  expect(net.selfCalls.callWaits("c")).toBe(false);
  expect([net.selfCalls.callWaits("b"), net.selfCalls.callWaits("a")]).toEqual([true, true]);
  expect(await called).toMatchObject({ type: "not-called", reason: "it was broken off: somebody called" });
});

test("a call on another line, or from a telephone of the house, changes nothing", async () => {
  await using net = await openNetwork({ a: {}, b: {}, c: { price: 5 } });
  const called = net.selfCalls.call("a");
  await net.until(() => net.line("a").calls === 1);
  expect(net.selfCalls.takes(await guest("c", net.clock))).toBe(false);
  expect(net.selfCalls.takes(await guest(undefined, net.clock))).toBe(false);
  let done = false;
  void called.then(() => (done = true));
  await net.until(() => done);
  expect(await called).toMatchObject({ calls: [{ result: "good" }] });
});

test("who dials by a full line that is in our use has it when he needs it, and a line with room is left alone", async () => {
  await using net = await openNetwork({ a: {}, b: { maxCalls: 2 } });
  const called = net.selfCalls.call("a");
  await net.until(() => net.line("a").calls === 1);
  await net.selfCalls.giveWay(["b", "elsewhere"]);
  expect(net.line("a").calls).toBe(1);
  await net.selfCalls.giveWay(["b", "a"]);
  expect([net.line("a").calls, net.line("b").calls]).toEqual([0, 0]);
  expect(await called).toMatchObject({ type: "not-called" });
  await net.selfCalls.giveWay(["a"]);
});

test("the cheapest line that may calls; one that is down, full, at its limit or without a number does not", async () => {
  await using net = await openNetwork({
    a: {},
    dear: { price: 9 },
    cheap: { price: 3 },
    free: { limited: "its limit of 60 calls an hour is reached" },
    down: { up: false },
    full: { calls: 1 },
  });
  expect(await net.call("a")).toMatchObject({ calls: [{ by: "cheap" }] });
});

test("a line that is down, in use or the only one is not called, and says why", async () => {
  await using net = await openNetwork({ a: {}, b: {} });
  net.line("a").calls = 1;
  expect(await net.call("a")).toMatchObject({ type: "not-called", reason: "the line, or those that could call it, are in use" });
  net.line("a").calls = 0;
  net.line("b").up = false;
  expect(await net.call("a")).toMatchObject({
    type: "not-called",
    reason: "there is no other line that is up and shows a number",
  });
  net.line("a").up = false;
  expect(await net.call("a")).toMatchObject({ type: "not-called", reason: "the line is not up" });
  expect(net.dialled).toEqual([]);
  Object.assign(net.line("a"), { up: true, maxCalls: 30 });
  expect(await net.call("a")).toMatchObject({ calls: [{ by: "a", result: "good" }] });
});

test("every line is called once a week in its hour, waits while it is in use, and results outlast a restart", async () => {
  await using folder = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), "sitebox-self-calls-"));
  folder.defer(() => rm(dataDir, { recursive: true }));
  const config = { except: ["c"] };
  {
    await using net = await openNetwork({ a: {}, b: {}, c: { price: 9 } }, { dataDir, config });
    net.line("b").calls = 1;
    net.line("c").calls = 1;
    net.selfCalls.start();
    await net.clock.advance(14 * MINUTE);
    expect(net.dialled).toEqual([]);
    await net.clock.advance(2 * MINUTE);
    expect(net.dialled).toEqual([]);
    net.line("b").calls = 0;
    await net.until(() => net.selfCalls.of("b").length === 1);
    expect(net.dialled).toEqual(["b 13800138000", "a 13800138001"]);
    await net.clock.advance(6 * DAY);
    expect(net.dialled).toHaveLength(2);
    await net.clock.advance(DAY);
    await net.until(() => net.dialled.length === 4);
  }
  await using again = await openNetwork({ a: {}, b: {} }, { dataDir, config });
  expect(again.selfCalls.of("a")).toMatchObject([{ result: "good", by: "b" }]);
  expect(again.selfCalls.of("c")).toEqual([]);
  await again.selfCalls.forget("a");
  expect(again.selfCalls.of("a")).toEqual([]);
});

test.each([
  ["13800138000", true],
  ["+8613800138000", true],
  ["008613800138000", true],
  ["013800138000", true],
  ["88880000", true],
  ["057188880000", true],
  ["8880000", true],
  ["880000", false],
  ["13912345678", false],
  ["", false],
  ["anonymous", false],
])("whether %j is one of our numbers however it is written: %s", (shown, ours) => {
  expect(isFrom(shown, ["13800138000", "057188880000"])).toBe(ours);
});
