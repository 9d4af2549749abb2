import type { Alarm } from "@sitebox/core/contract";
import { expect, test } from "vitest";
import { healthOf, type Presence, step } from "./index.ts";

const never: Presence = { state: "offline", since: 0, birth: undefined };
const birth = (boot: string, since: number) => ({ boot, since });
const born = (boot: string, since: number, at: number) => ({ type: "born" as const, birth: birth(boot, since), at });
const gone = (boot: string, since: number, at: number) => ({ type: "gone" as const, birth: birth(boot, since), at });

test("a box is online from its birth until that connection is gone", () => {
  const online = step(never, born("b1", 10, 100));
  expect(online).toEqual({ state: "online", since: 100, birth: birth("b1", 10) });
  expect(step(online, born("b1", 10, 150))).toBe(online);
  expect(step(online, gone("b1", 10, 200))).toEqual({ state: "offline", since: 200, birth: birth("b1", 10) });
});

test("the end of an earlier connection or boot comes late and is ignored", () => {
  const online = step(step(never, born("b1", 10, 100)), born("b1", 20, 200));
  expect(step(online, gone("b1", 10, 300))).toBe(online);
  expect(step(online, gone("b0", 20, 300))).toBe(online);
  expect(step(never, gone("b1", 10, 300))).toBe(never);
});

test("health is what alarms say, as long as the box is there to raise them", () => {
  const alarm = (severity: Alarm["severity"]): Alarm => ({ code: "c", severity, text: "", active: true, at: 0 });
  expect(healthOf(true, [], true)).toBe("ok");
  expect(healthOf(true, [alarm("info")], true)).toBe("ok");
  expect(healthOf(true, [alarm("warning")], true)).toBe("degraded");
  expect(healthOf(true, [alarm("warning"), alarm("critical")], true)).toBe("failed");
  expect(healthOf(false, [], true)).toBe("unknown");
  expect(healthOf(true, [], false)).toBe("unknown");
});
