import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { Throttle } from "./throttle.ts";

test("many names from one source are blocked together, but not a name that is known there", async () => {
  const clock = new VirtualClock();
  const throttle = new Throttle(clock);
  throttle.succeeded("192.0.2.1", "8001");
  for (let attempt = 0; attempt < 20; attempt++) throttle.failed("192.0.2.1", `name ${attempt}`);
  expect([
    throttle.blocked("192.0.2.1", "8002"),
    throttle.blocked("192.0.2.1", "8001"),
    throttle.blocked("192.0.2.2", "8002"),
  ]).toEqual([true, false, false]);
  await clock.advance(60_000);
  expect(throttle.blocked("192.0.2.1", "8002")).toBe(false);
});
