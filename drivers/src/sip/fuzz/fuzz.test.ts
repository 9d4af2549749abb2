import { expect, test } from "vitest";
import { fuzzEndpoint } from "./endpoint.ts";
import { fuzzParser } from "./run.ts";

test("mutated messages are read or refused, and say the same when written out", () => {
  const { failures, readable, malformed } = fuzzParser(50_000);
  expect(failures).toEqual([]);
  expect(readable).toBeGreaterThan(1_000);
  expect(malformed).toBeGreaterThan(1_000);
});

test("an endpoint under mutated messages answers on and keeps nothing of them", async () => {
  const { calls, leftTimers, leftPorts } = await fuzzEndpoint(5_000);
  expect(calls).toBeGreaterThan(0);
  expect({ leftTimers, leftPorts }).toEqual({ leftTimers: 0, leftPorts: 0 });
}, 60_000);
