import { expect, test } from "vitest";
import { type VoiceDetector, WINDOW_SAMPLES } from "./seams/index.ts";
import { VoiceTrack } from "./voice-track.ts";

interface Scripted extends VoiceDetector {
  answer(voiced: boolean): void;
  lose(): void;
  present: boolean;
}

function scripted(): Scripted {
  let decided: ((voiced: boolean) => void) | undefined;
  let lost: (() => void) | undefined;
  const detector: Scripted = {
    present: true,
    state: { name: "scripted", state: "ready" },
    settled: async () => detector.state,
    open(onDecided, onLost) {
      if (!detector.present) return undefined;
      decided = onDecided;
      lost = onLost;
      return { feed: () => {}, close: () => {} };
    },
    answer: (voiced) => decided?.(voiced),
    lose: () => {
      detector.present = false;
      lost?.();
    },
    [Symbol.asyncDispose]: async () => {},
  };
  return detector;
}

const quiet = () => new Int16Array(WINDOW_SAMPLES).fill(2);
const loud = () => Int16Array.from({ length: WINDOW_SAMPLES }, (_, at) => 8_000 * Math.sin(at / 5));

test("windows are decided by the detector, in whatever pieces the sound comes", () => {
  const detector = scripted();
  const decisions: boolean[] = [];
  using track = new VoiceTrack(detector, (voiced) => decisions.push(voiced));
  track.feed(quiet().subarray(0, 100));
  track.feed(quiet());
  track.feed(quiet());
  expect(decisions).toEqual([]);
  detector.answer(true);
  detector.answer(false);
  expect(decisions).toEqual([true, false]);
});

test("when the detector is lost its windows are decided by loudness, and so are the next", () => {
  const detector = scripted();
  const decisions: boolean[] = [];
  using track = new VoiceTrack(detector, (voiced) => decisions.push(voiced));
  for (const window of [quiet(), quiet(), loud(), loud()]) track.feed(window);
  detector.answer(false);
  detector.lose();
  expect(decisions).toEqual([false, false, true, true]);
  track.feed(loud());
  track.feed(quiet());
  expect(decisions).toEqual([false, false, true, true, true, false]);
  detector.present = true;
  track.feed(quiet());
  detector.answer(true);
  expect(decisions.at(-1)).toBe(true);
});

test("a detector that answers late is not waited for, and its late answers are not taken for others", () => {
  const detector = scripted();
  const decisions: boolean[] = [];
  using track = new VoiceTrack(detector, (voiced) => decisions.push(voiced));
  for (let window = 0; window < 12; window++) track.feed(quiet());
  expect(decisions).toEqual([false, false]);
  detector.answer(true);
  detector.answer(true);
  expect(decisions).toEqual([false, false]);
  detector.answer(true);
  expect(decisions).toEqual([false, false, true]);
});
