import { Call, ExtensionState } from "@sitebox/core/contract";
import { describe, expect, it } from "vitest";
import { busyNumbers, findExtensions, presenceOf } from "./extensions.ts";

const extension = (number: string, displayName: string, more: Partial<ExtensionState> = {}) =>
  ExtensionState.parse({ number, displayName, registered: true, contacts: [], ...more });
const call = (callerNumber: string, dialled: string, state: Call["state"]) =>
  Call.parse({
    id: callerNumber,
    channel: "phone",
    callerNumber,
    dialled,
    state,
    startedAt: 1,
    ticketIds: [],
    hasRecording: false,
  });

const all = [
  extension("8003", "工程部", { registered: false }),
  extension("8002", "值班经理"),
  extension("8001", "前台"),
  extension("8101", "张伟", { doNotDisturb: true }),
];
const busy = busyNumbers([
  call("806", "8002", "extension"),
  call("13800138000", "8001", "assistant"),
  call("8001", "9", "ended"),
]);

describe("extensions to hand a call to", () => {
  it("are busy while a call is with them, and not because the assistant was dialled by their number", () => {
    expect([...busy]).toEqual(["806", "8002", "13800138000"]);
    expect(all.map((one) => presenceOf(one, busy))).toEqual(["absent", "busy", "free", "quiet"]);
  });

  it("are found by number or name, who can be rung first", () => {
    const numbers = (typed: string) => findExtensions(all, typed, busy).map(({ extension: { number } }) => number);
    expect(numbers("")).toEqual(["8001", "8002", "8101", "8003"]);
    expect(numbers(" 张")).toEqual(["8101"]);
    expect(numbers("800")).toEqual(["8001", "8002", "8003"]);
    expect(numbers("9")).toEqual([]);
  });
});
