import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LineSound } from "../signals/index.ts";
import { type Fxo, type FxoEffect, type FxoEvent, type FxoSettings, stepFxo } from "./fxo-machine.ts";

const both: FxoSettings = { callerId: "auto", hangUp: "both", answersByPolarity: false };

/** Runs events, 10 ms apart unless one says when; gives the effects of all, and where it ended. */
function run(
  events: readonly (FxoEvent & { at?: number })[],
  settings: Partial<FxoSettings> = {},
  start: Fxo = { state: "idle" },
) {
  let fxo = start;
  let now = 0;
  const effects: FxoEffect[] = [];
  for (const { at, ...event } of events) {
    now = at ?? now + 10;
    const step = stepFxo(fxo, event, { ...both, ...settings }, now);
    fxo = step.next;
    effects.push(...step.effects);
  }
  return { fxo, effects, without: effects.filter(({ type }) => type !== "wake") };
}

const ring: FxoEvent[] = [{ type: "ring-begin" }, { type: "ring-end" }];
const sound = (heard: LineSound): FxoEvent => ({ type: "sound", sound: heard });
const caller = (number: string): FxoEvent => ({ type: "caller", caller: { number } });
const dialled: FxoEvent[] = [{ type: "dial", number: "110" }, sound("dial-tone"), { type: "dialled" }];
const wake: FxoEvent = { type: "wake", hearsTone: false };
const last = (effects: readonly FxoEffect[]) => effects.at(-1);

describe("a call that comes in", () => {
  test("is offered when its number has come after the first ring, and not again at the second", () => {
    expect(run([...ring, caller("13812345678"), ...ring]).without).toEqual([
      { type: "offer", caller: { number: "13812345678" } },
    ]);
  });

  test("is offered at once where its number came before the ring", () => {
    expect(run([caller("8009"), { type: "ring-begin" }]).without).toEqual([{ type: "offer", caller: { number: "8009" } }]);
  });

  test("is offered without a number at the second ring, and at the first where numbers do not come", () => {
    expect(run([...ring, { type: "ring-begin" }]).without).toEqual([{ type: "offer", caller: undefined }]);
    expect(run(ring, { callerId: "off" }).without).toEqual([{ type: "offer", caller: undefined }]);
  });

  test("is nobody's after a single ring without a number", () => {
    expect(run([...ring, wake])).toMatchObject({ fxo: { state: "idle" }, without: [] });
  });

  test("is over when no ring came for six seconds", () => {
    const { effects } = run([...ring, caller("1"), ...ring]);
    expect(last(effects)).toEqual({ type: "wake", ms: 6_000 });
    expect(last(run([...ring, caller("1"), ...ring, wake]).effects)).toEqual({ type: "ended", cause: "no-answer" });
  });

  test("a number without a ring is forgotten", () => {
    expect(run([caller("8009"), wake, { type: "ring-begin" }]).without).toEqual([]);
  });

  test("is refused by a moment off the hook", () => {
    const { effects, fxo } = run([...ring, caller("1"), { type: "hangup", cause: "rejected" }, wake]);
    expect(effects.filter(({ type }) => type === "hook" || type === "ended")).toEqual([
      { type: "hook", off: true },
      { type: "hook", off: false },
      { type: "ended", cause: "rejected" },
    ]);
    expect(fxo.state).toBe("releasing");
  });

  test("rings on where it was given up without a refusal", () => {
    const events: FxoEvent[] = [...ring, caller("1"), { type: "hangup", cause: "failed" }];
    expect(run([...events, ...ring])).toMatchObject({ fxo: { state: "ignoring" } });
    expect(run([...events, ...ring, wake]).fxo).toEqual({ state: "idle" });
  });

  test.each(["busy", "congestion"] as const)("that was answered is over with the %s tone", (tone) => {
    const events: FxoEvent[] = [...ring, caller("1"), { type: "answer" }, sound(tone)];
    expect(run(events).without.slice(-2)).toEqual([
      { type: "hook", off: false },
      { type: "ended", cause: "normal" },
    ]);
    expect(run(events, { hangUp: "polarity" }).fxo.state).toBe("talking");
  });

  test("is over when the polarity turns, but not with our answer", () => {
    const answered: FxoEvent[] = [...ring, caller("1"), { type: "answer" }];
    expect(run([...answered, { type: "polarity", at: 500 }]).fxo.state).toBe("talking");
    expect(run([...answered, { type: "polarity", at: 5_000 }]).fxo.state).toBe("releasing");
    expect(run([...answered, { type: "polarity", at: 5_000 }], { hangUp: "busy-tone" }).fxo.state).toBe("talking");
    expect(run([...answered, { type: "loop-open" }]).fxo.state).toBe("releasing");
  });

  test("may come while the line is still being released", () => {
    const hungUp: FxoEvent[] = [...ring, caller("1"), { type: "answer" }, { type: "hangup", cause: "normal" }];
    expect(run([...hungUp, { type: "ring-begin" }]).fxo.state).toBe("ringing");
    expect(run([...hungUp, wake]).fxo.state).toBe("idle");
  });
});

describe("a call that goes out", () => {
  test("is dialled at the dial tone, or after three seconds without one", () => {
    const seized = run([{ type: "dial", number: "110" }]);
    expect(seized.effects).toEqual([
      { type: "hook", off: true },
      { type: "wake", ms: 3_000 },
    ]);
    expect(run([sound("dial-tone")], {}, seized.fxo).without).toEqual([{ type: "dial", digits: "110" }]);
    expect(run([wake], {}, seized.fxo).without).toEqual([{ type: "no-dial-tone" }, { type: "dial", digits: "110" }]);
  });

  test.each(["busy", "congestion"] as const)("is unreachable where the exchange gives %s in place of the dial tone", (tone) => {
    expect(run([{ type: "dial", number: "110" }, sound(tone)]).without.at(-1)).toMatchObject({
      outcome: { type: "unreachable" },
    });
  });

  test.each([
    ["busy", { type: "busy" }],
    ["congestion", { type: "unreachable", reason: "the exchange has no way there" }],
    ["unobtainable", { type: "unreachable", reason: "nobody has the number" }],
  ] as const)("that meets %s is refused", (tone, outcome) => {
    expect(run([...dialled, sound(tone)]).without.slice(-2)).toEqual([
      { type: "hook", off: false },
      { type: "refused", outcome },
    ]);
  });

  test("rings, told once, and is answered when somebody speaks", () => {
    expect(run([...dialled, sound("ring-back"), sound("ring-back"), sound("voice")]).without.slice(2)).toEqual([
      { type: "ringing" },
      { type: "answered", by: "heard" },
    ]);
  });

  test("is taken for answered when ring-back stops, or when nothing was heard for ten seconds", () => {
    const rings = run([...dialled, sound("ring-back")]);
    expect(last(rings.effects)).toEqual({ type: "wake", ms: 5_000 });
    expect(last(run([wake], {}, rings.fxo).effects)).toEqual({ type: "wake", ms: undefined });
    expect(run([wake], {}, rings.fxo).without).toEqual([{ type: "answered", by: "assumed" }]);
    expect(run([sound("dial-tone")], {}, rings.fxo).effects).toEqual([{ type: "wake", ms: 5_000 }]);
    const silent = run(dialled);
    expect(last(silent.effects)).toEqual({ type: "wake", ms: 10_000 });
  });

  test("is not taken for answered while a tone is heard that may be a refusal", () => {
    const held = run([...dialled, sound("ring-back"), { type: "wake", hearsTone: true }]);
    expect(held.fxo.state).toBe("proceeding");
    expect(last(held.effects)).toEqual({ type: "wake", ms: 500 });
    expect(run([sound("busy")], {}, held.fxo).without.at(-1)).toEqual({ type: "refused", outcome: { type: "busy" } });
    expect(run([wake], {}, held.fxo).without).toEqual([{ type: "answered", by: "assumed" }]);
  });

  test("is answered by polarity that stays, and a glitch is none", () => {
    const turned = run([...dialled, { type: "polarity" }]);
    expect(last(turned.effects)).toEqual({ type: "wake", ms: 300 });
    expect(run([wake], {}, turned.fxo).without).toEqual([{ type: "answered", by: "told" }]);
    expect(run([{ type: "polarity" }], {}, turned.fxo).fxo.state).toBe("proceeding");
    expect(run([sound("busy")], {}, turned.fxo).without.at(-1)).toEqual({ type: "refused", outcome: { type: "busy" } });
    for (const heard of ["ring-back", "voice", "dial-tone"] as const)
      expect(run([sound(heard)], {}, turned.fxo).fxo.state).toBe("confirming");
  });

  test("may be answered before the card has said that it has dialled", () => {
    const events: FxoEvent[] = [...dialled.slice(0, 2), { type: "polarity" }, { type: "dialled" }, wake];
    expect(run(events).without.at(-1)).toEqual({ type: "answered", by: "told" });
  });

  test("is never assumed where the exchange tells answers by polarity", () => {
    const settings = { answersByPolarity: true };
    const { effects, fxo } = run([...dialled, sound("ring-back"), sound("voice")], settings);
    expect(fxo.state).toBe("proceeding");
    expect(effects.filter(({ type }) => type === "wake").at(-1)).toEqual({ type: "wake", ms: undefined });
  });

  test("lets music or prompts in place of ring-back be heard", () => {
    expect(run([...dialled, sound("voice"), sound("voice")]).without.slice(2)).toEqual([{ type: "early-media" }]);
  });

  test("a prompt taken for an answer is corrected by the polarity that follows", () => {
    const { fxo, without } = run([...dialled, wake, { type: "polarity", at: 9_000 }]);
    expect(fxo).toEqual({ state: "talking", sinceAt: 9_000, answer: "told" });
    expect(without.slice(-2)).toEqual([
      { type: "answered", by: "assumed" },
      { type: "answered", by: "told" },
    ]);
  });

  test.each([0, 1, 2, 3])("is given up after %i events", (count) => {
    const { without, fxo } = run([
      ...[...dialled, sound("ring-back")].slice(0, count + 1),
      { type: "hangup", cause: "no-answer" },
    ]);
    expect(without.slice(-2)).toEqual([
      { type: "hook", off: false },
      { type: "refused", outcome: { type: "no-answer" } },
    ]);
    expect(fxo.state).toBe("releasing");
  });
});

test("a dead line ends what was going on, and comes back", () => {
  const alarm: FxoEvent = { type: "alarm" };
  expect(run([...ring, caller("1"), { type: "answer" }, alarm]).without.at(-2)).toEqual({ type: "ended", cause: "failed" });
  expect(run([...dialled, alarm]).without.at(-2)).toMatchObject({ type: "refused", outcome: { type: "unreachable" } });
  expect(run([...ring, caller("1"), alarm]).without.at(-2)).toEqual({ type: "ended", cause: "failed" });
  expect(run([alarm, { type: "no-alarm" }, wake]).fxo).toEqual({ state: "idle" });
  expect(run([{ type: "dial", number: "1" }, { type: "card-refused" }]).fxo.state).toBe("releasing");
});

test("is idle without a word when the card is gone", () => {
  for (const events of [ring, dialled, [...ring, caller("1"), { type: "answer" }], [{ type: "alarm" }]] as FxoEvent[][])
    expect(run([{ type: "gone" }], {}, run(events).fxo)).toMatchObject({ fxo: { state: "idle" }, effects: [] });
});

test("whatever happens, an offer ends once, a dial is settled once, and the hook is on when nothing is going on", () => {
  const events = fc.oneof(
    fc
      .constantFrom<FxoEvent["type"]>(
        "ring-begin",
        "ring-end",
        "polarity",
        "loop-open",
        "dialled",
        "answer",
        "alarm",
        "no-alarm",
        "card-refused",
      )
      .map((type) => ({ type }) as FxoEvent),
    fc.boolean().map((hearsTone): FxoEvent => ({ type: "wake", hearsTone })),
    fc.constantFrom<LineSound>("dial-tone", "ring-back", "busy", "congestion", "unobtainable", "voice").map(sound),
    fc.constantFrom("8009", "").map(caller),
    fc.constant<FxoEvent>({ type: "dial", number: "110" }),
    fc.constantFrom("busy", "normal", "no-answer").map((cause) => ({ type: "hangup", cause }) as FxoEvent),
  );
  fc.assert(
    fc.property(fc.array(events, { maxLength: 40 }), fc.boolean(), (list, answersByPolarity) => {
      let legs = 0;
      let dials = 0;
      let off = false;
      let fxo: Fxo = { state: "idle" };
      for (const [at, event] of list.entries()) {
        const before = fxo.state;
        const { next, effects } = stepFxo(fxo, event, { ...both, answersByPolarity }, at * 700);
        if (event.type === "dial" && before === "idle") dials += 1;
        fxo = next;
        for (const effect of effects) {
          if (effect.type === "hook") off = effect.off;
          if (effect.type === "offer") legs += 1;
          if (effect.type === "refused") dials -= 1;
          if (effect.type === "ended") legs -= 1;
          if (effect.type === "answered" && before !== "talking") {
            dials -= 1;
            legs += 1;
          }
          expect([legs, dials].every((count) => count >= 0 && count <= 1)).toBe(true);
        }
        expect([fxo.state, off]).toEqual([
          fxo.state,
          ["refusing", "seizing", "dialling", "proceeding", "confirming", "talking"].includes(fxo.state),
        ]);
        if (fxo.state === "idle" || fxo.state === "releasing" || fxo.state === "alarmed") expect([legs, dials]).toEqual([0, 0]);
      }
    }),
    { numRuns: 500 },
  );
});
