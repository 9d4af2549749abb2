import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { PortPool } from "./port-pool.ts";

test("only even ports of the range whose follower is in it too are handed out, each once", () => {
  const pool = new PortPool({ first: 10_001, last: 10_008 }, new VirtualClock());
  const taken = [pool.take(), pool.take(), pool.take()];
  expect(taken.toSorted()).toEqual([10_002, 10_004, 10_006]);
  expect(pool.take()).toBeUndefined();
});

test("a port that was given back rests for 30 seconds", async () => {
  const clock = new VirtualClock();
  const pool = new PortPool({ first: 10_000, last: 10_001 }, clock);
  const port = pool.take();
  pool.release(port ?? 0);
  pool.release(port ?? 0);
  await clock.advance(29_999);
  expect(pool.take()).toBeUndefined();
  await clock.advance(1);
  expect(pool.take()).toBe(port);
});
