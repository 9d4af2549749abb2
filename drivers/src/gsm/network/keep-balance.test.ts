import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { LineError } from "../../line/index.ts";
import { keepBalance } from "./index.ts";

const HOUR = 3_600_000;

/** When the operator was asked within `ms`, in minutes since the start; the first questions fail. */
async function asked(everyMs: number, ms: number, failures = 0): Promise<number[]> {
  const clock = new VirtualClock(0);
  const closing = new AbortController();
  const at: number[] = [];
  const ask = async () => {
    if (at.push(clock.now() / 60_000) <= failures) throw new LineError("10086 does not answer");
  };
  const running = keepBalance({ clock, log: silentLog, everyMs, signal: closing.signal, ask });
  await clock.advance(ms);
  closing.abort();
  await running;
  expect(clock.pending).toBe(0);
  return at;
}

test("the balance is asked some minutes after the start, then as often as it is wished", async () => {
  expect(await asked(24 * HOUR, 49 * HOUR)).toEqual([10, 10 + 24 * 60, 10 + 48 * 60]);
});

test("a month is not too long for a timer", async () => {
  const slept: number[] = [];
  const clock = new VirtualClock(0);
  const sleep = clock.sleep.bind(clock);
  clock.sleep = (ms, signal) => {
    slept.push(ms);
    return sleep(ms, signal);
  };
  const closing = new AbortController();
  let asked = 0;
  const ask = async () => void asked++;
  const running = keepBalance({ clock, log: silentLog, everyMs: 720 * HOUR, signal: closing.signal, ask });
  await clock.advance(721 * HOUR);
  closing.abort();
  await running;
  expect([asked, Math.max(...slept)]).toEqual([2, 24 * HOUR]);
});

test("a question that was not answered is asked again in an hour", async () => {
  expect(await asked(24 * HOUR, 26 * HOUR, 2)).toEqual([10, 70, 130]);
});

test("where it is not wished, it is never asked", async () => {
  expect(await asked(0, 100 * HOUR)).toEqual([]);
});
