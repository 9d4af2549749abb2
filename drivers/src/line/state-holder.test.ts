import { silentLog } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import { type LineState, StateHolder } from "./index.ts";

const starting: LineState = { name: "lobby", state: "starting", calls: 0, maxCalls: 1 };

test("a change is told once, to whoever still listens", () => {
  const holder = new StateHolder(starting, silentLog);
  const told: string[] = [];
  using _other = holder.onChanged(({ state }) => void told.push(`other ${state}`));
  {
    using _one = holder.onChanged(({ state }) => void told.push(`one ${state}`));
    expect(holder.become({ ...starting })).toBe(false);
    expect(holder.become({ ...starting, state: "up" })).toBe(true);
  }
  holder.become({ ...starting, state: "down" });
  holder.clear();
  holder.become({ ...starting, state: "up" });
  expect(told).toEqual(["other up", "one up", "other down"]);
  expect(holder.state.state).toBe("up");
});

test("a listener that fails harms nobody", () => {
  const holder = new StateHolder(starting, silentLog);
  const told: string[] = [];
  using _broken = holder.onChanged(() => {
    throw new Error("broken");
  });
  using _other = holder.onChanged(({ state }) => void told.push(state));
  holder.become({ ...starting, state: "up" });
  expect(told).toEqual(["up"]);
});
