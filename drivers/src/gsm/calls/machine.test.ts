import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CallEffect, CallEvent, CallState, CallTimer } from "./call-state.ts";
import { step } from "./machine.ts";
import type { ListedCall } from "./notices.ts";

const NUMBER = "13800138000";
const incoming = (over: Partial<ListedCall> = {}): ListedCall => ({
  id: 1,
  direction: "in",
  state: "incoming",
  number: NUMBER,
  ...over,
});
const outgoing = (state: ListedCall["state"], id = 1): ListedCall => ({ id, direction: "out", state });
const listed = (...calls: readonly ListedCall[]): CallEvent => ({ type: "listed", calls });
const end = (text = "NO CARRIER"): CallEvent => ({ type: "finished", hint: { word: "no-carrier", text } });

/** Runs events from idle; answers the last state and all effects but questions and timers. */
function run(...events: readonly CallEvent[]): { readonly state: CallState["state"]; readonly effects: readonly CallEffect[] } {
  let call: CallState = { state: "idle" };
  const effects: CallEffect[] = [];
  for (const event of events) {
    const result = step(call, event);
    call = result.next;
    effects.push(...result.effects);
  }
  return { state: call.state, effects: effects.filter(({ type }) => !["ask", "set-timer", "clear-timer"].includes(type)) };
}

const dialled: readonly CallEvent[] = [{ type: "dial" }, { type: "dialled" }];
const answered: readonly CallEvent[] = [
  { type: "ring" },
  listed(incoming()),
  { type: "answer" },
  { type: "answered" },
  listed(incoming({ state: "active" })),
];
const announce: CallEffect = { type: "announce", number: NUMBER };

describe("a call that comes in", () => {
  test("is told with its number, answered and up", () => {
    expect(run(...answered)).toEqual({ state: "up", effects: [announce, { type: "answer" }, { type: "up" }] });
  });

  test("is found in the list where every code was missed", () => {
    expect(run(listed(incoming())).effects).toEqual([announce]);
  });

  test("waits for its number until the second ring and is told without where none comes", () => {
    const unknown = listed({ id: 1, direction: "in", state: "incoming" });
    expect(run({ type: "ring" }, unknown, { type: "ring" }, unknown).effects).toEqual([]);
    expect(run({ type: "ring" }, unknown, { type: "ring" }, { type: "caller", number: NUMBER }, unknown).effects).toEqual([
      announce,
    ]);
    const late: CallEvent = { type: "timer", timer: "number" };
    expect(run({ type: "ring" }, unknown, late, unknown).effects).toEqual([{ type: "announce", number: "" }]);
    expect(run({ type: "ring" }, late, unknown).effects).toEqual([{ type: "announce", number: "" }]);
  });

  test("whose number is withheld is told at once, without", () => {
    const unknown = listed({ id: 1, direction: "in", state: "incoming" });
    expect(run({ type: "caller", number: "" }, unknown).effects).toEqual([{ type: "announce", number: "" }]);
  });

  test("keeps the number that it was told with", () => {
    const later: readonly CallEvent[] = [{ type: "caller", number: "10086" }, { type: "ring" }];
    expect(run(listed(incoming()), ...later, listed(incoming())).effects).toEqual([announce]);
  });

  test("that stops ringing ends as not answered, told or not", () => {
    expect(run({ type: "ring" }, listed(incoming()), end(), listed())).toEqual({
      state: "idle",
      effects: [
        announce,
        { type: "ended", cause: "no-answer", hint: { word: "no-carrier", text: "NO CARRIER" }, alerted: false },
      ],
    });
    expect(run({ type: "ring" }, end(), listed())).toEqual({ state: "idle", effects: [] });
  });

  test("is not over because one list left it out", () => {
    expect(run(listed(incoming()), listed(), listed(incoming()), listed()).state).toBe("ringing");
    expect(run(listed(incoming()), listed(), listed()).state).toBe("idle");
  });

  test("that never gets into the list is forgotten", () => {
    expect(run({ type: "ring" }, listed(), listed(), listed(), listed())).toEqual({ state: "idle", effects: [] });
  });

  test("is known by its codes alone where the list is refused", () => {
    const unlisted: CallEvent = { type: "unlisted" };
    const caller: CallEvent = { type: "caller", number: NUMBER };
    const silence: CallEvent = { type: "timer", timer: "silence" };
    expect(run(unlisted, { type: "ring" }, caller, unlisted).effects).toEqual([announce]);
    expect(run(caller, unlisted, silence)).toMatchObject({ state: "idle", effects: [announce, { cause: "no-answer" }] });
    expect(run(caller, unlisted, end(), unlisted)).toMatchObject({ state: "idle", effects: [announce, { cause: "no-answer" }] });
    expect(run(listed(incoming()), silence).state).toBe("ringing");
  });

  test("is refused, and hung up again where it does not go", () => {
    const refused: readonly CallEvent[] = [listed(incoming()), { type: "hang-up", cause: "busy" }];
    const gone: CallEffect = { type: "ended", cause: "busy", alerted: false };
    expect(run(...refused, listed(incoming()), { type: "hung-up" }, listed())).toEqual({
      state: "idle",
      effects: [announce, { type: "hang-up" }, gone],
    });
    const still = Array.from({ length: 5 }, () => listed(incoming()));
    expect(run(...refused, { type: "hung-up" }, ...still).effects).toEqual([
      announce,
      { type: "hang-up" },
      gone,
      { type: "hang-up" },
    ]);
  });

  test("in whose place another one rings is over, and the other is told", () => {
    expect(run(listed(incoming()), listed(incoming({ number: "10086" }))).effects).toEqual([
      announce,
      { type: "ended", cause: "no-answer", alerted: false },
      { type: "announce", number: "10086" },
    ]);
  });

  test("is answered again where the modem did not, three times at most", () => {
    const failed: readonly CallEvent[] = [{ type: "not-answered" }, listed(incoming())];
    const rung: readonly CallEvent[] = [listed(incoming()), { type: "answer" }, listed()];
    const answer: CallEffect = { type: "answer" };
    expect(run(...rung, ...failed, ...failed).effects).toEqual([announce, answer, answer, answer]);
    expect(run(...rung, ...failed, ...failed, ...failed)).toEqual({
      state: "ending",
      effects: [announce, answer, answer, answer, { type: "hang-up" }, { type: "ended", cause: "failed", alerted: false }],
    });
    expect(run(...rung, { type: "not-answered" }, listed(incoming({ state: "active" }))).state).toBe("up");
    expect(run(...rung, { type: "not-answered" }, listed(), listed())).toMatchObject({ state: "idle" });
    expect(run(...rung, { type: "not-answered" }, { type: "unlisted" }).effects).toEqual([announce, answer, answer]);
    expect(run(...rung, { type: "not-answered" }, end(), { type: "unlisted" }).state).toBe("idle");
    expect(
      run({ type: "caller", number: "1" }, { type: "unlisted" }, { type: "answer" }, { type: "not-answered" }, ...failed).state,
    ).toBe("answering");
    expect(
      run(
        { type: "caller", number: "1" },
        { type: "unlisted" },
        { type: "answer" },
        { type: "not-answered" },
        listed(incoming({ state: "active" })),
      ).state,
    ).toBe("up");
  });
});

describe("a call that we dial", () => {
  test("rings, is answered and ends when the far end hangs up", () => {
    const events = [...dialled, listed(outgoing("dialling")), listed(outgoing("alerting")), listed(outgoing("alerting"))];
    expect(run(...events, listed(outgoing("active")), end(), listed())).toEqual({
      state: "idle",
      effects: [
        { type: "dial" },
        { type: "alerting" },
        { type: "up" },
        { type: "ended", hint: { word: "no-carrier", text: "NO CARRIER" }, alerted: false },
      ],
    });
  });

  test("that is not taken says why", () => {
    const refused: CallEvent = { type: "not-dialled", final: "BUSY" };
    expect(run({ type: "dial" }, refused, listed()).effects).toEqual([
      { type: "dial" },
      { type: "ended", hint: { word: "busy", text: "BUSY" }, alerted: false },
    ]);
    expect(run({ type: "dial" }, { type: "not-dialled", final: "timeout" }).effects).toEqual([
      { type: "dial" },
      { type: "ended", hint: { text: "timeout" }, alerted: false },
    ]);
  });

  test("that the modem dials although it did not say so is hung up", () => {
    const still = Array.from({ length: 5 }, () => listed(outgoing("dialling")));
    expect(run({ type: "dial" }, { type: "not-dialled", final: "timeout" }, ...still).effects.at(-1)).toEqual({
      type: "hang-up",
    });
  });

  test("is not looked for in the list before it is taken, and then found late", () => {
    expect(run({ type: "dial" }, listed(), listed(), { type: "unlisted" }, { type: "dialled" }, listed()).state).toBe("dialling");
    expect(run(...dialled, listed(), listed(), listed(), listed(outgoing("active"))).state).toBe("up");
    expect(run(...dialled, listed(), listed(), listed(), listed())).toMatchObject({ state: "idle" });
  });

  test("that the far end refuses tells how often it rang, and the better of two reasons", () => {
    const cend: CallEvent = { type: "finished", hint: { text: "^CEND:1,0,29,17", cause: 17 } };
    const rung = [...dialled, listed(outgoing("alerting"))];
    expect(run(...rung, end(), cend, end("later"), listed()).effects.at(-1)).toEqual({
      type: "ended",
      hint: { text: "^CEND:1,0,29,17", cause: 17 },
      alerted: true,
    });
  });

  test("ends by its code where the list is refused", () => {
    expect(run(...dialled, end(), { type: "unlisted" }).state).toBe("idle");
    expect(run(...dialled, { type: "unlisted" }).state).toBe("dialling");
  });

  test("gives way to one that came in first", () => {
    const events: readonly CallEvent[] = [{ type: "dial" }, { type: "ring" }, { type: "not-dialled", final: "NO CARRIER" }];
    expect(run(...events, listed(incoming())).effects.at(-1)).toEqual(announce);
  });

  test("is given up", () => {
    expect(run(...dialled, { type: "hang-up", cause: "no-answer" }, { type: "dialled" }, { type: "hung-up" }, listed())).toEqual({
      state: "idle",
      effects: [{ type: "dial" }, { type: "hang-up" }, { type: "ended", cause: "no-answer", alerted: false }],
    });
  });

  test("waits for nobody while there is another", () => {
    expect(run(...answered, { type: "dial" }).state).toBe("up");
  });
});

describe("a call that is up", () => {
  test("goes on when a second one is refused", () => {
    const both = listed(incoming({ state: "active" }), incoming({ id: 2, state: "waiting", number: "10086" }));
    const { state, effects } = run(...answered, { type: "waiting" }, both, end(), listed(incoming({ state: "active" })));
    expect([state, effects.at(-1)]).toEqual(["up", { type: "refuse-waiting" }]);
    const dialledUp = [...dialled, listed(outgoing("active"), incoming({ id: 2, state: "waiting" }))];
    expect(run(...dialledUp).effects.at(-1)).toEqual({ type: "refuse-waiting" });
  });

  test("forgets an end that was another call's", () => {
    const up = listed(incoming({ state: "active" }));
    expect(run(...answered, end(), up, up, up, listed()).state).toBe("up");
  });

  test("that was never listed is found, or over", () => {
    const unseen: readonly CallEvent[] = [
      { type: "caller", number: "1" },
      { type: "unlisted" },
      { type: "answer" },
      { type: "answered" },
    ];
    expect(run(...unseen, listed(incoming({ state: "held" }))).state).toBe("up");
    expect(run(...unseen, listed(), listed(), listed(), listed()).state).toBe("idle");
  });

  test("in whose place another one rings is over, and the other is told", () => {
    const { state, effects } = run(...answered, listed(incoming({ number: "10086" })));
    expect([state, effects.slice(-2)]).toEqual([
      "ringing",
      [
        { type: "ended", alerted: false },
        { type: "announce", number: "10086" },
      ],
    ]);
  });
});

describe("otherwise", () => {
  test("a call that nobody here has is hung up", () => {
    expect(run(listed(outgoing("active")))).toEqual({ state: "ending", effects: [{ type: "hang-up" }] });
  });

  test("a call that comes while another ends is told", () => {
    const ending: readonly CallEvent[] = [
      ...dialled,
      listed(outgoing("active")),
      { type: "hang-up", cause: "normal" },
      { type: "hung-up" },
    ];
    expect(run(...ending, listed(incoming())).effects.at(-1)).toEqual(announce);
    expect(run(...ending, listed(incoming({ id: 2 }))).effects.at(-1)).toEqual(announce);
  });

  test("an end is believed after a while where the list is refused", () => {
    const unlisted: CallEvent = { type: "unlisted" };
    const ending: readonly CallEvent[] = [...answered, { type: "hang-up", cause: "normal" }, unlisted, unlisted];
    expect(run(...ending, unlisted).state).toBe("ending");
    expect(run(...ending, { type: "hung-up" }, unlisted, unlisted, unlisted).state).toBe("idle");
  });

  test("what makes no sense changes nothing", () => {
    const idle: readonly CallEvent[] = [
      { type: "dialled" },
      { type: "not-dialled", final: "ERROR" },
      { type: "answer" },
      { type: "answered" },
      { type: "not-answered" },
      { type: "hang-up", cause: "normal" },
      { type: "hung-up" },
      { type: "waiting" },
      { type: "timer", timer: "number" },
      end(),
      listed(),
    ];
    expect(run(...idle)).toEqual({ state: "idle", effects: [] });
    expect(run(...answered, { type: "ring" }, { type: "caller", number: "1" }).state).toBe("up");
  });
});

const anyListed: fc.Arbitrary<ListedCall> = fc.record({
  id: fc.constantFrom(1, 2),
  direction: fc.constantFrom("in" as const, "out" as const),
  state: fc.constantFrom("active", "held", "dialling", "alerting", "incoming", "waiting"),
  number: fc.constantFrom("1", "2"),
});

const anyEvent: fc.Arbitrary<CallEvent> = fc.oneof(
  fc.constantFrom<CallEvent>(
    { type: "ring" },
    { type: "waiting" },
    { type: "caller", number: "" },
    { type: "caller", number: "1" },
    end(),
    { type: "unlisted" },
    { type: "dial" },
    { type: "dialled" },
    { type: "not-dialled", final: "BUSY" },
    { type: "answer" },
    { type: "answered" },
    { type: "not-answered" },
    { type: "hang-up", cause: "normal" },
    { type: "hung-up" },
    { type: "timer", timer: "number" },
    { type: "timer", timer: "silence" },
  ),
  fc.array(anyListed, { maxLength: 2 }).map((calls) => listed(...calls)),
);

/** Whether calls were begun and ended in turn, and which timers wait. */
class Watch {
  call: CallState = { state: "idle" };
  legs = 0;
  readonly timers = new Set<CallTimer>();

  take(event: CallEvent): void {
    if (event.type === "timer") this.timers.delete(event.timer);
    const { next, effects } = step(this.call, event);
    this.call = next;
    for (const effect of effects) {
      if (effect.type === "announce" || effect.type === "dial") this.legs += 1;
      if (effect.type === "ended") this.legs -= 1;
      if (effect.type === "set-timer") this.timers.add(effect.timer);
      if (effect.type === "clear-timer") this.timers.delete(effect.timer);
    }
    if (this.legs < 0 || this.legs > 1) throw new Error(`${this.legs} legs at once`);
  }
}

test("whatever order codes, lists and answers come in, an empty list and answered orders end it without a leg or timer left", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
      const watch = new Watch();
      for (const event of events) watch.take(event);
      for (let round = 0; round < 5; round++)
        for (const event of [{ type: "not-answered" }, { type: "dialled" }, { type: "hung-up" }, listed()] as const)
          watch.take(event);
      expect([watch.call.state, watch.legs, [...watch.timers]]).toEqual(["idle", 0, []]);
    }),
    { numRuns: 3_000 },
  );
});

test("whatever came before, a modem that is lost ends it at once", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
      const watch = new Watch();
      for (const event of events) watch.take(event);
      watch.take({ type: "over", cause: "failed" });
      expect([watch.call.state, watch.legs, [...watch.timers]]).toEqual(["idle", 0, []]);
    }),
    { numRuns: 1_000 },
  );
});
