import { CallsConfig } from "@sitebox/core/contract";
import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import type { DialOptions, DialOutcome, LineState, Trunk } from "@sitebox/drivers/line";
import { openLoopback } from "@sitebox/drivers/line/loopback";
import { expect, test } from "vitest";
import { plannedSite } from "../calls/plan/testing/index.ts";
import { TestLeg } from "../calls/testing/index.ts";
import { LineDialler, type LineDiallerDeps, type LineSource, Lines } from "./index.ts";

type State = Partial<Omit<LineState, "name">>;
type Behaviour = DialOutcome | "breaks" | ((number: string, options: DialOptions) => Promise<DialOutcome>);

const busy: DialOutcome = { type: "busy" };
const noAnswer: DialOutcome = { type: "no-answer" };
const unreachable = (reason: string): DialOutcome => ({ type: "unreachable", reason });

/** Lines that end every call as they are told to, and write down what was dialled. */
function lineSource(lines: Readonly<Record<string, readonly [State, Behaviour]>>) {
  const dialled: { readonly line: string; readonly number: string; readonly emergency: boolean }[] = [];
  const listeners = new Set<(state: LineState) => void>();
  const stateOf = (name: string): LineState => ({ name, state: "up", calls: 0, maxCalls: 2, ...lines[name]?.[0] });
  const source: LineSource = {
    lines: () => Object.keys(lines).map(stateOf),
    line: (name) => ({
      dial: async (number, options) => {
        dialled.push({ line: name, number, emergency: options.emergency ?? false });
        const behaviour = lines[name]?.[1] ?? noAnswer;
        if (behaviour === "breaks") throw new Error("broken");
        return typeof behaviour === "function" ? behaviour(number, options) : behaviour;
      },
    }),
    onLineChanged(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
  return { source, dialled, listeners, tell: (name: string) => listeners.forEach((listener) => void listener(stateOf(name))) };
}

const nobody: Pick<Trunk, "dial"> = { dial: async () => unreachable("no telephone") };

function dialling(
  lines: Readonly<Record<string, readonly [State, Behaviour]>>,
  outgoing: unknown,
  extensions = nobody,
  facts: Pick<LineSource, "limited" | "price"> = {},
  others: Pick<LineDiallerDeps, "giveWay" | "makeRoom"> = {},
) {
  const { source, dialled } = lineSource(lines);
  const { plan } = plannedSite({ ...CallsConfig.parse({}), outgoing });
  const told: string[] = [];
  const clock = new VirtualClock();
  const dialler = new LineDialler({
    clock,
    log: silentLog,
    extensions,
    lines: new Lines([{ ...source, ...facts }]),
    numbers: plan.numbers,
    rang: (target) => told.push(`rang ${target.number}`),
    ...others,
  });
  const controller = new AbortController();
  const dial = (number: string, type: "outside" | "extension" = "outside") =>
    dialler.dial(
      { type, number },
      {
        signal: controller.signal,
        callerNumber: "8001",
        onLine: (line) => told.push(line),
        onLineFailed: (line, reason) => told.push(`${line}: ${reason}`),
      },
    );
  return { dial, dialled, told, controller, clock };
}

const both = [{ name: "all", dialled: "\\d{3,12}" }];
const numbersOf = (dialled: readonly { line: string; number: string }[]) =>
  dialled.map(({ line, number }) => `${line} ${number}`);

test("what the box does on lines for itself gives way where none could be had otherwise, and only there", async () => {
  const a: [State & { calls: number }, Behaviour] = [{ calls: 2 }, noAnswer];
  const ways: string[][] = [];
  const giveWay = async (lines: readonly string[]) => {
    ways.push([...lines]);
    a[0] = { calls: 1 };
  };
  const lines: Record<string, readonly [State, Behaviour]> = { down: [{ state: "down" }, busy], a };
  const { dial, dialled } = dialling(lines, both, nobody, {}, { giveWay });
  await dial("87654321");
  await dial("87654321");
  expect(ways).toEqual([["down", "a"]]);
  expect(numbersOf(dialled)).toEqual(["a 87654321", "a 87654321"]);
});

test("for a call for help room is made where all lines are full, and what was freed is tried first", async () => {
  const full: State = { calls: 2 };
  const asked: string[][] = [];
  const answers = ["c", undefined];
  const makeRoom = async (lines: readonly string[]) => {
    asked.push([...lines]);
    return answers.shift();
  };
  const lines: Record<string, readonly [State, Behaviour]> = {
    ...{ a: [full, busy], b: [{ state: "down" }, busy], c: [full, unreachable("no signal")] },
  };
  const { dial, dialled } = dialling(lines, both, nobody, {}, { makeRoom });
  await dial("119");
  // The freed one first, then the other for whatever its far end makes of it, then the one that is down.
  expect(numbersOf(dialled)).toEqual(["c 119", "a 119", "b 119"]);
  expect(asked).toEqual([["a", "c"], ["a"]]);
  expect(await dial("87654321")).toMatchObject({ type: "unreachable" });
  expect(asked).toHaveLength(2);
});

test("for a call for help nobody has to go while a line is free", async () => {
  const makeRoom = async () => {
    throw new Error("not asked");
  };
  const leg = new TestLeg({ remote: "119", dialled: "119" });
  const { dial, dialled } = dialling(
    { a: [{ calls: 2 }, busy], b: [{}, { type: "answered", leg }] },
    both,
    nobody,
    {},
    { makeRoom },
  );
  expect(await dial("119")).toMatchObject({ type: "answered", line: "b" });
  expect(numbersOf(dialled)).toEqual(["b 119"]);
});

test("the next line is tried where one is down, full, breaks or cannot reach the number", async () => {
  const { dial, dialled, told } = dialling(
    {
      a: [{ state: "down", reason: "403 Forbidden" }, busy],
      b: [{ calls: 2 }, busy],
      c: [{}, "breaks"],
      d: [{}, unreachable("404")],
      carrier: [{ state: "starting" }, noAnswer],
    },
    both,
  );
  expect(await dial("87654321")).toEqual({ type: "no-answer", line: "carrier" });
  expect(numbersOf(dialled)).toEqual(["c 87654321", "d 87654321", "carrier 87654321"]);
  expect(told).toEqual([
    "rang 87654321",
    "a: 403 Forbidden",
    "b: the line is full",
    "c",
    "c: the line broke",
    "d",
    "d: 404",
    "carrier",
  ]);
});

test.each<[DialOutcome]>([[busy], [noAnswer]])("the number was reached: %o is the answer", async (outcome) => {
  const { dial, dialled } = dialling({ a: [{}, outcome], b: [{}, unreachable("x")] }, both);
  expect(await dial("87654321")).toEqual({ ...outcome, line: "a" });
  expect(dialled).toHaveLength(1);
});

test("a route says which lines in which order, what is taken off and put in front", async () => {
  const { dial, dialled } = dialling({ carrier: [{}, unreachable("x")], gateway: [{}, unreachable("y")] }, [
    { name: "long", dialled: "90\\d+", strip: 1, prepend: "17909", lines: ["gateway", "carrier"] },
    { name: "local", dialled: "9\\d+", strip: 1, lines: ["carrier"] },
  ]);
  expect(await dial("902187654321")).toEqual({ type: "unreachable", reason: "x", line: "carrier" });
  expect(await dial("987654321")).toMatchObject({ line: "carrier" });
  expect(numbersOf(dialled)).toEqual(["gateway 1790902187654321", "carrier 1790902187654321", "carrier 87654321"]);
});

test("the cheapest line for the number is tried first where the route says so, those of one price as they are listed", async () => {
  const lines = {
    a: [{}, unreachable("x")],
    b: [{}, unreachable("x")],
    c: [{}, unreachable("x")],
    carrier: [{}, unreachable("x")],
  } as const;
  const prices: Readonly<Record<string, number>> = { a: 30, b: 10, c: 10, carrier: 20 };
  for (const [order, tried] of [
    ["cheapest", ["b", "c", "carrier", "a"]],
    ["listed", ["a", "b", "c", "carrier"]],
  ] as const) {
    const { dial, dialled } = dialling(lines, [{ name: "all", dialled: "\\d{3,12}", order }], nobody, {
      price: (name, number) => (number === "87654321" ? (prices[name] ?? 0) : 0),
    });
    await dial("87654321");
    expect(dialled.map(({ line }) => line)).toEqual(tried);
  }
});

test("a line at its limit is passed over with the reason, but not when help is called", async () => {
  const { dial, dialled, told } = dialling({ a: [{}, busy], carrier: [{}, noAnswer] }, both, nobody, {
    limited: (name) => (name === "a" ? "its limit of 60 calls an hour is reached" : undefined),
  });
  expect(await dial("87654321")).toMatchObject({ line: "carrier" });
  expect(told).toContain("a: its limit of 60 calls an hour is reached");
  await dial("110");
  expect(numbersOf(dialled)).toEqual(["carrier 87654321", "a 110", "carrier 110"]);
});

test("without a route, and without a line, nobody is dialled and it is said why", async () => {
  const none = dialling({ a: [{}, busy] }, []);
  expect(await none.dial("87654321")).toEqual({ type: "unreachable", reason: "no route goes there" });
  const lineless = dialling({}, both);
  expect(await lineless.dial("87654321")).toEqual({ type: "unreachable", reason: "there is no line to the outside" });
});

test("help is called by every line until one answers: up ones first, then full, then those that seem down", async () => {
  const { dial, dialled, told } = dialling(
    {
      down: [{ state: "down" }, unreachable("still down")],
      full: [{ calls: 2 }, "breaks"],
      starting: [{ state: "starting" }, busy],
      up: [{}, noAnswer],
    },
    [{ name: "never", dialled: "1\\d\\d", prepend: "0", lines: ["carrier"] }],
  );
  expect(await dial("110")).toEqual({ type: "unreachable", reason: "still down", line: "down" });
  expect(dialled).toEqual(["up", "full", "starting", "down"].map((line) => ({ line, number: "110", emergency: true })));
  expect(told).toContain("starting: busy");
});

/** Rings for ever, as soon as it was told how; ends as "no-answer" when the caller gives up. */
const ringing =
  (progress: boolean) =>
  (_: string, { signal, onProgress }: DialOptions): Promise<DialOutcome> => {
    if (progress) onProgress?.({ type: "ringing" });
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve(noAnswer), { once: true }));
  };

test("a call for help does not wait for a line that says nothing while another is up, but comes back to it", async () => {
  const { dial, told, controller, clock } = dialling(
    { dead: [{}, ringing(false)], other: [{}, busy], down: [{ state: "down" }, busy] },
    [],
  );
  const help = dial("110");
  await clock.advance(8_000);
  expect(told).toEqual(["rang 110", "dead", "dead: nothing was heard of it", "other", "other: busy", "dead"]);
  controller.abort();
  expect(await help).toEqual({ type: "no-answer", line: "dead" });
  expect(clock.pending).toBe(0);
});

test("a line on which it rings, and the only one that is up, have all the time they want", async () => {
  for (const lines of [
    { a: [{}, ringing(true)], b: [{}, busy] },
    { a: [{}, ringing(false)], b: [{ state: "down" }, busy] },
  ] as const) {
    const { dial, dialled, controller, clock } = dialling(lines, []);
    const help = dial("119");
    await clock.advance(60_000);
    expect(numbersOf(dialled)).toEqual(["a 119"]);
    controller.abort();
    expect(await help).toEqual({ type: "no-answer", line: "a" });
  }
});

test("whoever gives up is dialled for no longer", async () => {
  const { dial, dialled, controller } = dialling(
    {
      a: [
        {},
        async () => {
          controller.abort();
          return noAnswer;
        },
      ],
      b: [{}, busy],
    },
    both,
  );
  expect(await dial("110")).toEqual({ type: "no-answer", line: "a" });
  expect(await dial("87654321")).toEqual({ type: "no-answer" });
  expect(numbersOf(dialled)).toEqual(["a 110"]);
});

test("an extension rings at the box itself", async () => {
  await using box = openLoopback({ number: "8002" }, { clock: new VirtualClock(), log: silentLog });
  const { dial, told } = dialling({ a: [{}, busy] }, both, box);
  const answering = (async () => {
    for await (const leg of box.incoming) return leg.answer();
  })();
  const outcome = await dial("8002", "extension");
  await answering;
  expect(outcome).toMatchObject({ type: "answered", leg: { dialled: "8002" } });
  expect(told).toEqual(["rang 8002"]);
});

test("lines of all sources stand in one list, and tell of their changes until it is closed", () => {
  const [first, second] = [lineSource({ a: [{}, busy] }), lineSource({ b: [{ calls: 1 }, busy] })];
  const changes: string[] = [];
  {
    using lines = new Lines([first.source, second.source]);
    lines.events.on("lineChanged", ({ name, calls }) => changes.push(`${name} ${calls}`));
    expect(lines.states().map(({ name }) => name)).toEqual(["a", "b"]);
    expect(lines.find("b")).toBeDefined();
    expect(lines.find("c")).toBeUndefined();
    second.tell("b");
  }
  expect(changes).toEqual(["b 1"]);
  expect(first.listeners.size + second.listeners.size).toBe(0);
});
