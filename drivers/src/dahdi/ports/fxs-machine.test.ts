import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Digit } from "../../line/index.ts";
import { type Fxs, type FxsEffect, type FxsEvent, stepFxs } from "./fxs-machine.ts";

function run(events: readonly FxsEvent[], start: Fxs = { state: "idle" }) {
  let fxs = start;
  const effects: FxsEffect[] = [];
  for (const event of events) {
    const step = stepFxs(fxs, event);
    fxs = step.next;
    effects.push(...step.effects);
  }
  return { fxs, effects };
}

const keys = (digits: string): FxsEvent[] => [...digits].map((key) => ({ type: "key", key: key as Digit }));
const off: FxsEvent = { type: "off-hook" };
const on: FxsEvent = { type: "on-hook" };
const wake: FxsEvent = { type: "wake" };
const offers = (effects: readonly FxsEffect[]) => effects.flatMap((effect) => (effect.type === "offer" ? [effect.dialled] : []));
const tones = (effects: readonly FxsEffect[]) => effects.flatMap((effect) => (effect.type === "tone" ? [effect.tone] : []));

describe("a telephone that dials", () => {
  test("hears a dial tone until the first digit, and waits four seconds for each further one", () => {
    const { effects } = run([off, ...keys("80")]);
    expect(effects).toEqual([
      { type: "tone", tone: "dial" },
      { type: "wake", ms: 15_000 },
      { type: "tone", tone: "none" },
      { type: "wake", ms: 4_000 },
      { type: "wake", ms: 4_000 },
    ]);
  });

  test("has its number taken after the pause, or at once with #", () => {
    expect(offers(run([off, ...keys("8001"), wake]).effects)).toEqual(["8001"]);
    expect(offers(run([off, ...keys("8001#")]).effects)).toEqual(["8001"]);
    expect(offers(run([off, ...keys("#1"), wake]).effects)).toEqual(["#1"]);
  });

  test("hears ring-back until the other end's own sound, or the answer", () => {
    const dialled = run([off, ...keys("1#")]);
    expect(tones(dialled.effects).at(-1)).toBe("ring-back");
    expect(tones(run([{ type: "progress" }, { type: "progress" }, { type: "answer" }], dialled.fxs).effects)).toEqual(["none"]);
    expect(tones(run([{ type: "answer" }], dialled.fxs).effects)).toEqual(["none"]);
  });

  test("that dials nothing hears the busy tone until it is put down", () => {
    const { effects, fxs } = run([off, wake]);
    expect(tones(effects)).toEqual(["dial", "busy"]);
    expect(run([...keys("1"), on], fxs)).toEqual({ fxs: { state: "idle" }, effects: [{ type: "tone", tone: "none" }] });
  });

  test.each([
    ["busy", "busy"],
    ["normal", "busy"],
    ["unreachable", "congestion"],
  ] as const)("hears of a call that ended as %s the %s tone", (cause, tone) => {
    for (const before of [[], [{ type: "answer" }]] as const) {
      const { effects, fxs } = run([off, ...keys("1#"), ...before, { type: "hangup", cause }]);
      expect(effects.slice(-2)).toEqual([
        { type: "tone", tone },
        { type: "ended", cause },
      ]);
      expect(fxs.state).toBe("hanging");
    }
  });

  test("gives up by being put down", () => {
    expect(run([off, ...keys("1#"), on]).effects.at(-1)).toEqual({ type: "ended", cause: "no-answer" });
    expect(run([off, ...keys("1"), on]).fxs).toEqual({ state: "idle" });
  });
});

describe("a telephone that is rung", () => {
  test("stops ringing when it is taken up", () => {
    expect(run([{ type: "dial" }, off]).effects).toEqual([
      { type: "ring", on: true },
      { type: "ring", on: false },
      { type: "answered" },
    ]);
  });

  test("is given the number after a ring", () => {
    expect(run([{ type: "dial" }, { type: "ringer-off" }]).effects.at(-1)).toEqual({ type: "send-number" });
  });

  test("is given up", () => {
    const { fxs, effects } = run([{ type: "dial" }, { type: "hangup", cause: "no-answer" }]);
    expect(effects.slice(-2)).toEqual([
      { type: "ring", on: false },
      { type: "refused", outcome: { type: "no-answer" } },
    ]);
    expect(fxs).toEqual({ state: "idle" });
  });
});

test("a flash holds the call, and the next takes it back", () => {
  const talking: Fxs = { state: "talking", held: false };
  expect(run([{ type: "flash" }, { type: "flash" }, { type: "flash" }], talking).effects).toEqual([
    { type: "request", request: "hold" },
    { type: "request", request: "resume" },
    { type: "request", request: "hold" },
  ]);
  expect(run([...keys("5"), on], talking).effects).toEqual([
    { type: "key", key: "5" },
    { type: "ended", cause: "normal" },
  ]);
});

test("is idle without a word when the card is gone", () => {
  for (const events of [[off], [{ type: "dial" }], [{ type: "dial" }, off]] as FxsEvent[][])
    expect(run([{ type: "gone" }], run(events).fxs)).toEqual({ fxs: { state: "idle" }, effects: [] });
});

test("whatever a telephone does, each call ends once", () => {
  const events = fc.oneof(
    fc.constantFrom<FxsEvent>(
      off,
      on,
      { type: "flash" },
      { type: "ringer-off" },
      wake,
      { type: "dial" },
      { type: "answer" },
      { type: "progress" },
    ),
    fc.constantFrom<FxsEvent>(...keys("1#*")),
    fc.constantFrom<FxsEvent>({ type: "hangup", cause: "normal" }, { type: "hangup", cause: "busy" }),
  );
  fc.assert(
    fc.property(fc.array(events, { maxLength: 40 }), (list) => {
      let fxs: Fxs = { state: "idle" };
      let legs = 0;
      let dials = 0;
      for (const event of list) {
        if (event.type === "dial" && fxs.state === "idle") dials += 1;
        const { next, effects } = stepFxs(fxs, event);
        fxs = next;
        for (const effect of effects) {
          if (effect.type === "offer" || effect.type === "answered") legs += 1;
          if (effect.type === "answered" || effect.type === "refused") dials -= 1;
          if (effect.type === "ended") legs -= 1;
        }
        expect(legs).toBe(fxs.state === "calling" || fxs.state === "talking" ? 1 : 0);
        expect(dials).toBe(fxs.state === "ringing" ? 1 : 0);
      }
    }),
    { numRuns: 300 },
  );
});
