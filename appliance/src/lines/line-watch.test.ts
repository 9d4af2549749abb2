import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Alarm, AlarmChange, SelfCall } from "@sitebox/core/contract";
import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import type { LineState } from "@sitebox/drivers/line";
import { expect, test } from "vitest";
import { openBoxDatabase } from "../db/index.ts";
import { LineAlarms, LineQualities } from "./index.ts";
import { NOON } from "./testing/index.ts";

const lineOf = (name: string, change: Partial<LineState> = {}): LineState => ({
  name,
  state: "up",
  calls: 0,
  maxCalls: 1,
  ...change,
});

/** Lines as the test says, and the alarms that are on. */
function watch(...lines: LineState[]) {
  const clock = new VirtualClock(NOON);
  const states = new Map(lines.map((line) => [line.name, line]));
  const on = new Map<string, Pick<Alarm, "severity" | "text">>();
  const alarms = new LineAlarms({
    clock,
    states: () => [...states.values()],
    lowBalance: (name) => (name === "lobby" ? 10 : undefined),
    raise: ({ code, active, severity, text }) => {
      if (active) on.set(code, { severity, text });
      else on.delete(code);
    },
  });
  const become = (state: LineState) => {
    states.set(state.name, state);
    alarms.take(state);
  };
  return { clock, states, on, alarms, become };
}

test("an alarm says by its kind and values what its text says in English", async () => {
  const raised: AlarmChange[] = [];
  const clock = new VirtualClock(NOON);
  const states = [lineOf("lobby", { state: "down", fault: "no-sim", balance: { yuan: 3.2, at: NOON } })];
  using alarms = new LineAlarms({ clock, states: () => states, lowBalance: () => 10, raise: (alarm) => raised.push(alarm) });
  alarms.start([]);
  await clock.advance(60_000);
  expect(raised).toMatchObject([
    { code: "line-balance/lobby", kind: "line-balance", about: { line: "lobby", yuan: 3.2 } },
    { code: "line-down/lobby", kind: "last-line-down", about: { line: "lobby", fault: "no-sim" } },
  ]);
});

test("a line that is down for a minute raises an alarm, which ends when it is up; a short absence raises none", async () => {
  const { clock, on, alarms, become } = watch(lineOf("lobby"), lineOf("attic"));
  become(lineOf("lobby", { state: "down", fault: "unplugged", reason: "ICCID 898600123456" }));
  await clock.advance(59_000);
  become(lineOf("lobby"));
  await clock.advance(120_000);
  expect(on.size).toBe(0);
  become(lineOf("lobby", { state: "down", fault: "unplugged", reason: "ICCID 898600123456" }));
  become(lineOf("lobby", { state: "down", fault: "not-answering" }));
  await clock.advance(60_000);
  expect([...on]).toEqual([["line-down/lobby", { severity: "warning", text: "the line lobby is down: not-answering" }]]);
  become(lineOf("lobby"));
  expect(on.size).toBe(0);
  expect(clock.pending).toBe(0);
  alarms[Symbol.dispose]();
});

const called = (change: Partial<SelfCall>): SelfCall => ({
  number: "13800138000",
  at: 1,
  by: "attic",
  result: "good",
  ...change,
});

test("a line that does not ring, or is silent, when another calls it raises an alarm, which the next good call ends", () => {
  const { on, alarms } = watch(lineOf("lobby"), lineOf("attic"));
  const told = (call: SelfCall) => {
    alarms.calledItself("lobby", [called({}), call]);
    return on.get("line-self-call/lobby")?.text;
  };
  const [heard, silent] = [{ heard: true, level: -12 }, { heard: false }];
  expect(told(called({}))).toBeUndefined();
  expect(told(called({ result: "not-rung", reason: "busy" }))).toMatch(/do not come in: attic called it/);
  expect(told(called({ result: "not-connected" }))).toMatch(/cannot be answered/);
  expect(told(called({ result: "silent", toLine: heard, fromLine: silent }))).toMatch(/who calls the line lobby hears nothing/);
  expect(told(called({ result: "silent", toLine: silent, fromLine: heard }))).toMatch(/the line lobby hears nothing/);
  expect(told(called({ result: "silent", toLine: silent, fromLine: silent }))).toMatch(/in either direction/);
  expect(told(called({ result: "no-number" }))).toBeUndefined();
  expect(told(called({ result: "silent" }))).toMatch(/in either direction/);
  expect(told(called({}))).toBeUndefined();
  told(called({ result: "not-rung" }));
  alarms.forget("lobby");
  expect(on.size).toBe(0);
});

test("it is critical where no other line is up, and nothing where somebody switched the line off or took it away", async () => {
  const { clock, states, on, alarms, become } = watch(lineOf("lobby"), lineOf("attic", { state: "down", fault: "switched-off" }));
  become(lineOf("attic", { state: "down", fault: "switched-off" }));
  become(lineOf("lobby", { state: "down", fault: "no-sim" }));
  await clock.advance(60_000);
  expect([...on]).toEqual([
    ["line-down/lobby", { severity: "critical", text: "the line lobby is down: no-sim; no other line is up" }],
  ]);
  states.delete("lobby");
  alarms.forget("lobby");
  expect(on.size).toBe(0);
});

test("a low balance raises an alarm until it is filled up", () => {
  const { on, become } = watch(lineOf("lobby"));
  become(lineOf("lobby", { balance: { yuan: 9.5, at: NOON } }));
  expect(on.get("line-balance/lobby")?.text).toBe("the balance of the line lobby is low: 9.5 yuan are left");
  become(lineOf("lobby", { balance: { yuan: 50, at: NOON } }));
  expect(on.size).toBe(0);
});

test("a memory of texts that stays nearly full raises an alarm until there is room; what is read away in time raises none", async () => {
  const { clock, on, alarms, become } = watch(lineOf("lobby"));
  const full = lineOf("lobby", { warnings: ["texts-nearly-full"] });
  const room = lineOf("lobby", { warnings: [] });
  become(full);
  await clock.advance(299_000);
  become(room);
  await clock.advance(600_000);
  expect(on.size).toBe(0);
  become(full);
  await clock.advance(300_000);
  expect([...on]).toEqual([["line-texts-full/lobby", { severity: "warning", text: expect.stringContaining("room for texts") }]]);
  // A modem that is away has not been looked at.
  become(lineOf("lobby", { state: "starting" }));
  expect(on.size).toBe(1);
  become(room);
  expect(on.size).toBe(0);
  become(full);
  await clock.advance(300_000);
  alarms.forget("lobby");
  expect([on.size, clock.pending]).toEqual([0, 0]);
});

test("after a restart the alarm of a full memory stays until somebody has looked", () => {
  const { on, alarms, become } = watch(lineOf("lobby"));
  const alarm: Alarm = { code: "line-texts-full/lobby", severity: "warning", text: "", active: true, at: 0 };
  on.set(alarm.code, alarm);
  alarms.start([alarm]);
  expect(on.size).toBe(1);
  become(lineOf("lobby", { warnings: ["texts-nearly-full"] }));
  expect(on.size).toBe(1);
  become(lineOf("lobby", { warnings: [] }));
  expect(on.size).toBe(0);
});

test("after a restart alarms of lines that are no more end, and of lines that are up again too", () => {
  const { on, alarms } = watch(lineOf("lobby"));
  const active = ["line-down/lobby", "line-down/gone", "line-balance/gone", "disk-low"].map(
    (code): Alarm => ({ code, severity: "warning", text: "", active: true, at: 0 }),
  );
  for (const { code, severity, text } of active) on.set(code, { severity, text });
  alarms.start(active);
  expect([...on.keys()]).toEqual(["disk-low"]);
});

test("what a line did in a day is counted from its calls, texts and outages", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "sitebox-quality-"));
  {
    await using db = await openBoxDatabase(dataDir);
    const clock = new VirtualClock(NOON);
    const qualities = new LineQualities({ db, clock, log: silentLog });
    const leg = (id: string, change: object) => ({
      ...{
        id,
        call_id: "c1",
        number: "1",
        line: "lobby",
        direction: "out" as const,
        started_at: NOON,
        answered_at: null,
        ended_at: NOON,
      },
      ...{ cause: "no-answer" as const, wire_id: null, peer: null, codec: null, secure: null, stats: null, ...change },
    });
    await db.transact(async (tx) => {
      await tx
        .insertInto("call")
        .values({
          ...{ id: "c1", channel: "phone", caller_number: "", dialled: "", state: "ended", started_at: NOON, answered_at: null },
          ...{ ended_at: null, outcome: null, ticket_ids: "[]", recording_file: null },
        })
        .execute();
      await tx
        .insertInto("call_leg")
        .values([
          leg("a", { answered_at: NOON, ended_at: NOON + 90_000, cause: "normal", stats: '{"mos":4.2}' }),
          leg("b", {}),
          leg("c", { cause: "unreachable" }),
          leg("d", { direction: "in", answered_at: NOON, ended_at: NOON + 30_000, stats: '{"mos":3.8}' }),
          leg("e", { started_at: NOON - 90_000_000 }),
          leg("f", { line: "attic" }),
        ])
        .execute();
    });
    await qualities.start();
    qualities.take(lineOf("lobby", { state: "down", fault: "unplugged" }));
    await clock.advance(5 * 60_000);
    qualities.take(lineOf("lobby", { state: "starting" }));
    qualities.take(lineOf("lobby"));
    qualities.take(lineOf("attic", { state: "down", fault: "switched-off" }));
    await qualities.refresh();
    expect(qualities.of("lobby")).toEqual({
      ...{ callsIn: 1, callsOut: 3, answered: 1, failed: 1, minutes: 2, textsIn: 0, textsOut: 0, textsFailed: 0 },
      ...{ outages: 1, downMinutes: 5, mos: 4 },
    });
    expect(qualities.of("attic")).toMatchObject({ callsOut: 1, outages: 0 });
    await qualities[Symbol.asyncDispose]();
  }
  await rm(dataDir, { recursive: true });
});
