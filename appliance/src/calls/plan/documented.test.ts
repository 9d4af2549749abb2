import { readFile } from "node:fs/promises";
import { BoxConfig } from "@sitebox/core/contract";
import { parseConfig } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { openCallPlan } from "./index.ts";
import { fromExtension, fromLine } from "./testing/index.ts";

test.for(["calls.md", "calls.zh-CN.md"])("the example of %s is a plan that does what the document says", async (document) => {
  const text = await readFile(new URL(`../../../../docs/${document}`, import.meta.url), "utf8");
  const example = /```json\n(.*?)```/s.exec(text)?.[1] ?? "";
  const config = parseConfig(JSON.parse(example), BoxConfig, "the example");
  const planAt = (at: string) =>
    openCallPlan(config, {
      clock: new VirtualClock(Date.parse(at)),
      lists: { verdictOn: () => undefined },
      switches: { of: () => ({ doNotDisturb: false, followMe: undefined }) },
    });
  const day = planAt("2026-03-07T12:00:00+08:00");
  const call = fromLine("057112345678");
  const { action } = day.decide(call);
  expect(action).toMatchObject({ type: "ring", otherwise: { type: "number", number: "8100" } });
  if (action.type !== "ring") return;
  const manager = day.follow(action.otherwise, call).action;
  expect(manager).toMatchObject({
    steps: [{ targets: [{ number: "8100" }] }, { targets: [{ type: "outside", number: "13900139000" }] }],
    otherwise: { type: "message", mailbox: "8100" },
  });
  expect(planAt("2026-03-07T23:30:00+08:00").decide(call).action).toEqual({ type: "assistant" });
  expect(day.decide(fromExtension("8806", "987654321")).action.type).toBe("ring");
  expect(day.decide(fromExtension("8806", "13900139000")).action).toEqual({ type: "refuse", cause: "rejected" });
});
