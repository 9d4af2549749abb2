import fc from "fast-check";
import { expect, test } from "vitest";
import { SILENT, step, type Turn, type TurnEffect, type TurnEvent } from "./turn-machine.ts";

const profile = { endpointMs: 400, maxMs: 4_000 };
const WINDOW_MS = 32;

/** Plays `#` as voiced and `.` as silent windows of 32 ms. */
function play(windows: string): TurnEffect[] {
  let turn: Turn = SILENT;
  const told: TurnEffect[] = [];
  [...windows].forEach((window, index) => {
    const event: TurnEvent = { type: "window", voiced: window === "#", fromMs: index * WINDOW_MS, toMs: (index + 1) * WINDOW_MS };
    const { next, effects } = step(turn, event, profile);
    turn = next;
    told.push(...effects);
  });
  return [...told, ...step(turn, { type: "end" }, profile).effects];
}

test("speech starts after 200 ms of voice and ends after the profile's silence", () => {
  const effects = play(`..${"#".repeat(20)}${".".repeat(20)}`);
  expect(effects).toEqual([
    { type: "open" },
    { type: "speech-started", atMs: 64 },
    { type: "close", sure: true, startedAtMs: 64, endedAtMs: 22 * 32 },
  ]);
});

test("a pause shorter than the profile's silence does not end a turn", () => {
  const effects = play(`${"#".repeat(10)}${".".repeat(11)}${"#".repeat(10)}${".".repeat(20)}`);
  expect(effects.filter(({ type }) => type === "close")).toEqual([
    { type: "close", sure: true, startedAtMs: 0, endedAtMs: 31 * 32 },
  ]);
});

test("a click is dropped and starts nothing", () => {
  expect(play(`##${".".repeat(20)}`)).toEqual([{ type: "open" }, { type: "drop" }]);
});

test("a short word is closed without being sure", () => {
  expect(play(`####${".".repeat(20)}`)).toEqual([
    { type: "open" },
    { type: "close", sure: false, startedAtMs: 0, endedAtMs: 128 },
  ]);
});

test("a turn is cut at its longest, and the voice that goes on is the next turn", () => {
  const closed = play("#".repeat(200)).filter(({ type }) => type === "close");
  expect(closed.map((effect) => effect.type === "close" && [effect.startedAtMs, effect.endedAtMs])).toEqual([
    [0, 4_000],
    [4_000, 6_400],
  ]);
});

test("whatever is heard, every opened utterance is closed or dropped once, in time", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 400 }), (voiced) => {
      let open = 0;
      for (const effect of play(voiced.map((one) => (one ? "#" : ".")).join(""))) {
        if (effect.type === "open") open++;
        if (effect.type === "drop" || effect.type === "close") open--;
        if (effect.type === "close") {
          expect(effect.endedAtMs).toBeGreaterThan(effect.startedAtMs);
          expect(effect.endedAtMs - effect.startedAtMs).toBeLessThanOrEqual(profile.maxMs);
        }
        expect(open === 0 || open === 1).toBe(true);
      }
      expect(open).toBe(0);
    }),
  );
});
