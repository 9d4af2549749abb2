import { describe, expect, test } from "vitest";
import { PlayOut } from "./play-out.ts";

const frame = (n: number) => new Int16Array(160).fill(n);

/** Plays `ticks` of 20 ms; before each, `arriving` says how many frames come. Answers the delay of the last frame that was played, and gaps. */
function play(
  playOut: PlayOut,
  ticks: number,
  arriving: (tick: number) => number,
): { delay: number; gaps: number; most: number } {
  let gaps = 0;
  let most = 0;
  for (let tick = 0; tick < ticks; tick++) {
    for (let n = 0; n < arriving(tick); n++) playOut.push(frame(tick));
    most = Math.max(most, playOut.waiting);
    if (!playOut.take()) gaps += 1;
  }
  return { delay: playOut.waiting, gaps, most };
}

describe("the play-out of uneven sound", () => {
  test("holds nothing back of an even source", () => {
    const playOut = new PlayOut(8);
    expect(play(playOut, 500, () => 1)).toEqual({ delay: 0, gaps: 0, most: 1 });
    expect(playOut.dropped).toBe(0);
  });

  test("plays bursts of 100 ms whole", () => {
    const playOut = new PlayOut(8);
    expect(play(playOut, 500, (tick) => (tick % 5 === 0 ? 5 : 0)).gaps).toBe(0);
    expect(playOut.dropped).toBe(0);
  });

  test("is back at a small delay half a second after a pause of a second", () => {
    const playOut = new PlayOut(8);
    play(playOut, 100, () => 1);
    play(playOut, 50, () => 0);
    play(playOut, 1, () => 50);
    expect(play(playOut, 50, () => 1).delay).toBeLessThanOrEqual(2);
  });

  test("never waits with more than it may", () => {
    const playOut = new PlayOut(8);
    expect(play(playOut, 10, () => 30).most).toBe(8);
  });

  test("does not grow with a source that is faster than the clock", () => {
    const playOut = new PlayOut(8);
    expect(play(playOut, 5_000, (tick) => (tick % 50 === 0 ? 2 : 1)).delay).toBeLessThanOrEqual(2);
    expect(playOut.dropped).toBeGreaterThan(90);
  });

  test("keeps a frame in reserve for a source that comes late now and then, and gives it up in a calm", () => {
    const late = (tick: number) => (tick % 40 === 39 ? 0 : tick % 40 === 0 ? 2 : 1);
    const playOut = new PlayOut(8);
    play(playOut, 100, late);
    expect(play(playOut, 1_000, late).gaps).toBe(0);
    expect(play(playOut, 8_000, () => 1).delay).toBe(0);
  });

  test("keeps all that is written at once by a writer that then stops", () => {
    const playOut = new PlayOut(50);
    for (let n = 0; n < 50; n++) playOut.push(frame(n));
    for (let n = 0; n < 50; n++) expect(playOut.take()?.[0]).toBe(n);
    expect(playOut.dropped).toBe(0);
  });
});
