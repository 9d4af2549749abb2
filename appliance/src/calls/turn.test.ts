import fc from "fast-check";
import { expect, test } from "vitest";
import { stepTurn, type TurnEffect, type TurnEvent, type TurnPlan, type TurnState } from "./turn.ts";

const plan: TurnPlan = { listens: true, keys: { mode: "number", betweenMs: 3_000 }, idleMs: 5_000, maxTurnMs: 10_000 };
const single: TurnPlan = { ...plan, keys: { mode: "single", betweenMs: 3_000 } };
const start = (): TurnState => ({ phase: "notice", early: "" });

function play(events: readonly TurnEvent[], with_ = plan): { state: TurnState; effects: TurnEffect[] } {
  let state = start();
  const effects: TurnEffect[] = [];
  for (const event of events) {
    const step = stepTurn(state, event, with_);
    state = step.next;
    effects.push(...step.effects);
  }
  return { state, effects };
}
const settled = (events: readonly TurnEvent[], with_ = plan) =>
  play(events, with_).effects.flatMap((effect) => (effect.type === "settle" ? [effect.event] : []));

const heard = (text: string): TurnEvent => ({ type: "heard", text, confidence: 0.9 });
const noticeEnded: TurnEvent = { type: "notice-ended" };
const played: TurnEvent = { type: "played" };
const speechStarted: TurnEvent = { type: "speech-started" };

test("a voice stops the assistant and its words are the answer", () => {
  const { effects } = play([noticeEnded, speechStarted, heard("空调不制冷")]);
  expect(effects[0]).toEqual({ type: "flush" });
  expect(effects.at(-1)).toEqual({ type: "settle", event: heard("空调不制冷") });
});

test("the legal notice is not interrupted by voice or key, and a key pressed early is kept", () => {
  expect(play([speechStarted, heard("喂")]).effects).toEqual([]);
  expect(settled([{ type: "key", digit: "1" }, noticeEnded], single)).toEqual([{ type: "keys", digits: "1" }]);
});

test("a noise lets the assistant say it again, a second one is a turn without words", () => {
  expect(settled([noticeEnded, speechStarted, heard(""), speechStarted, heard("")])).toEqual([heard("")]);
  expect(play([noticeEnded, speechStarted, heard("")]).effects).toContainEqual({ type: "replay" });
});

test("a number ends by #, by its length or by a pause", () => {
  const keys = (digits: string): TurnEvent[] => [...digits].map((digit) => ({ type: "key", digit: digit as "0" }));
  expect(settled([noticeEnded, played, ...keys("806#")])).toEqual([{ type: "keys", digits: "806" }]);
  expect(settled([noticeEnded, played, ...keys("80"), { type: "timeout" }])).toEqual([{ type: "keys", digits: "80" }]);
  expect(settled([noticeEnded, played, ...keys("806")], { ...plan, keys: { ...plan.keys, length: 3 } })).toEqual([
    { type: "keys", digits: "806" },
  ]);
});

test("a voice whose words never come is a turn without words", () => {
  expect(settled([noticeEnded, played, speechStarted, { type: "timeout" }])).toEqual([
    { type: "heard", text: "", confidence: 0 },
  ]);
});

test("a dead engine is told at once", () => {
  for (const before of [[noticeEnded], [noticeEnded, played], [noticeEnded, played, speechStarted]])
    expect(settled([...before, { type: "lost" }])).toEqual([{ type: "listening-lost" }]);
});

test("keys alone answer where nobody listens", () => {
  const deaf = { ...single, listens: false };
  expect(
    settled(
      [noticeEnded, speechStarted, heard("喂"), { type: "lost" }, played, speechStarted, heard("喂"), { type: "lost" }],
      deaf,
    ),
  ).toEqual([]);
  expect(settled([noticeEnded, played, { type: "key", digit: "1" }], deaf)).toEqual([{ type: "keys", digits: "1" }]);
});

const anyEvent: fc.Arbitrary<TurnEvent> = fc.oneof(
  fc.constantFrom<TurnEvent>(
    noticeEnded,
    played,
    speechStarted,
    { type: "timeout" },
    { type: "lost" },
    { type: "left" },
    heard(""),
    heard("对"),
  ),
  fc.constantFrom<TurnEvent>(...(["0", "5", "*", "#"] as const).map((digit): TurnEvent => ({ type: "key", digit }))),
);

test("whatever happens, an exchange settles at most once, and every waiting state has a timer", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 30 }), fc.boolean(), (events, listens) => {
      let state = start();
      let armed = false;
      let settles = 0;
      for (const event of events) {
        // A timer that is not running does not fire.
        if (event.type === "timeout" && !armed) continue;
        if (event.type === "timeout") armed = false;
        const step = stepTurn(state, event, { ...plan, listens });
        state = step.next;
        for (const effect of step.effects) {
          if (effect.type === "arm") armed = true;
          if (effect.type === "disarm") armed = false;
          if (effect.type === "settle") settles++;
        }
        if (state.phase === "listening" || state.phase === "hearing" || state.phase === "keying") expect(armed).toBe(true);
        if (state.phase === "over") expect(armed).toBe(false);
      }
      expect(settles).toBe(state.phase === "over" ? 1 : 0);
    }),
  );
});
