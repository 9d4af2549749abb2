import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { RepetitionRunner } from "./index.ts";

function begun(response: "final" | "provisional" = "final") {
  const clock = new VirtualClock(0);
  const sentAt: number[] = [];
  const gaveUpAt: number[] = [];
  const runner = new RepetitionRunner({
    clock,
    response,
    send: () => void sentAt.push(clock.now()),
    giveUp: () => void gaveUpAt.push(clock.now()),
  });
  runner.begin();
  return { clock, sentAt, gaveUpAt, runner };
}

test("a 2xx is sent at T1 doubled up to T2 and given up after 64 T1, leaving no timer", async () => {
  const { clock, sentAt, gaveUpAt } = begun();
  await clock.advance(100_000);
  expect(sentAt).toEqual([0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
  expect([gaveUpAt, clock.pending]).toEqual([[32_000], 0]);
});

test("a reliable provisional response is sent at T1 doubled without end, and given up after 64 T1", async () => {
  const { clock, sentAt, gaveUpAt } = begun("provisional");
  await clock.advance(100_000);
  expect(sentAt).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 31_500]);
  expect([gaveUpAt, clock.pending]).toEqual([[32_000], 0]);
});

test("the ACK ends it, and a second ACK changes nothing", async () => {
  const { clock, sentAt, gaveUpAt, runner } = begun();
  await clock.advance(600);
  runner.acknowledge();
  runner.acknowledge();
  await clock.advance(100_000);
  expect([sentAt, gaveUpAt, clock.pending]).toEqual([[0, 500], [], 0]);
});
