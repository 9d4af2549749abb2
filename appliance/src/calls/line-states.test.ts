import type { CallLeg } from "@sitebox/core/contract";
import { expect, test } from "vitest";
import { LineStates } from "./line-states.ts";

const leg = (id: string, parts: Partial<CallLeg> = {}): CallLeg => ({
  id,
  number: "8001",
  direction: "out",
  startedAt: 1,
  ...parts,
});

test("an extension rings until it answers, and is free when its call is over", () => {
  const states = new LineStates();
  const told: string[] = [];
  states.onChanged((number) => told.push(`${number} ${states.of(number)}`));
  states.take(leg("a"));
  states.take(leg("a", { answeredAt: 2 }));
  states.take(leg("a", { answeredAt: 2, codec: "PCMA" }));
  states.take(leg("a", { answeredAt: 2, endedAt: 3 }));
  expect(told).toEqual(["8001 ringing", "8001 busy", "8001 idle"]);
});

test("who calls is busy from the beginning, and stays so while a second call rings", () => {
  const states = new LineStates();
  states.take(leg("a", { direction: "in" }));
  states.take(leg("b"));
  expect(states.of("8001")).toBe("busy");
  states.take(leg("a", { direction: "in", endedAt: 2 }));
  expect(states.of("8001")).toBe("ringing");
  states.take(leg("b", { endedAt: 3 }));
  expect([states.of("8001"), states.of("8002")]).toEqual(["idle", "idle"]);
});

test("a number outside is no extension, even if it is the same", () => {
  const states = new LineStates();
  states.take(leg("a", { line: "carrier", direction: "in" }));
  expect(states.of("8001")).toBe("idle");
});

test("a side whose line is known only later no longer counts", () => {
  const states = new LineStates();
  states.take(leg("a"));
  states.take(leg("a", { line: "carrier", answeredAt: 2 }));
  expect(states.of("8001")).toBe("idle");
});
