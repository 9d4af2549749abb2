import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SyncBody, SyncClass } from "@sitebox/core/contract";
import { BoxId } from "@sitebox/core/contract";
import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { openBoxDatabase } from "../db/index.ts";
import { nextWaitMs } from "./backoff.ts";
import { batchOf, payloadOf } from "./encode.ts";
import { Housekeeping } from "./housekeeping.ts";
import { appendOutbox } from "./outbox.ts";
import { OutboxStore } from "./outbox-store.ts";

async function open() {
  const db = await openBoxDatabase(await mkdtemp(join(tmpdir(), "sitebox-outbox-")));
  const clock = new VirtualClock();
  const store = new OutboxStore(db, clock);
  return {
    db,
    clock,
    store,
    append: (cls: SyncClass, count: number, options: { text?: string; ttlMs?: number } = {}) =>
      db.transact(async (tx) => {
        for (let i = 0; i < count; i++) {
          const alarm = { code: "c", severity: "info" as const, text: options.text ?? "", active: true, at: i };
          const ttl = options.ttlMs === undefined ? {} : { ttlMs: options.ttlMs };
          await appendOutbox(tx, clock, { cls, aggregate: "alarm/c", rev: i, body: { type: "alarm.changed", alarm }, ...ttl });
        }
      }),
    rows: (stream: SyncClass) => store.after(stream, 0, { items: 1_000, bytes: 1e9 }),
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  };
}
const bodies = (rows: readonly { seq: number; body: string }[]) => rows.map(({ seq, body }) => [seq, JSON.parse(body).type]);

test("a change that is undone leaves no number behind", async () => {
  await using box = await open();
  await box.append("p1", 2);
  const undone = box.db.transact(async (tx) => {
    await appendOutbox(tx, box.clock, { cls: "p1", aggregate: "a", rev: 1, body: {} as SyncBody });
    throw new Error("undone");
  });
  await expect(undone).rejects.toThrow("undone");
  await box.append("p1", 1);
  expect((await box.rows("p1")).map(({ seq }) => seq)).toEqual([1, 2, 3]);
});

test("a full outbox drops logs before metrics, never tickets, and tells which numbers are gone", async () => {
  await using box = await open();
  const text = "x".repeat(1_000);
  await box.append("p1", 20, { text });
  await box.append("p3", 20, { text });
  await box.append("p4", 20, { text });
  await box.clock.advance(1_000);
  const housekeeping = new Housekeeping({ store: box.store, clock: box.clock, log: silentLog, maxBytes: 40_000 });
  await housekeeping.tidy(await box.store.books());
  expect(bodies(await box.rows("p4"))).toEqual([[20, "outbox.dropped"]]);
  expect(await box.rows("p1")).toHaveLength(20);
  const p3 = await box.rows("p3");
  expect(p3[0] && JSON.parse(p3[0].body)).toMatchObject({ type: "outbox.dropped", cls: "p3", fromSeq: 1, toSeq: p3[0]?.seq });
  expect(p3.at(-1)?.seq).toBe(20);
  expect(housekeeping.bytes).toBeLessThanOrEqual(40_000);
  expect(housekeeping.dropped).toBe(20 + (p3[0]?.seq ?? 0));
  // Full again: what was told before is told together with it.
  await box.append("p3", 30, { text });
  await box.clock.advance(1_000);
  await housekeeping.tidy(await box.store.books());
  const again = (await box.rows("p3"))[0];
  expect(again && JSON.parse(again.body)).toMatchObject({ fromSeq: 1, toSeq: again?.seq });
});

test("what is worthless by now is dropped, each run of numbers with one record", async () => {
  await using box = await open();
  await box.append("p3", 2, { ttlMs: 1_000 });
  await box.append("p3", 1);
  await box.append("p3", 2, { ttlMs: 1_000 });
  await box.clock.advance(1_500);
  expect(await box.store.expire()).toBe(4);
  expect(bodies(await box.rows("p3"))).toEqual([
    [2, "outbox.dropped"],
    [3, "alarm.changed"],
    [5, "outbox.dropped"],
  ]);
});

test("a new epoch numbers what waits from one, in its order, and goes on from there", async () => {
  await using box = await open();
  const before = await box.store.epoch();
  await box.append("p1", 5);
  await box.append("p3", 2);
  await box.store.forget([["p1", 2]]);
  expect(await box.store.beginEpoch()).not.toBe(before);
  await box.append("p1", 1);
  expect((await box.rows("p1")).map(({ seq, rev }) => [seq, rev])).toEqual([
    [1, 2],
    [2, 3],
    [3, 4],
    [4, 0],
  ]);
  expect(await box.store.books()).toMatchObject({ p1: { last: 4, acked: 0 }, p3: { last: 2, acked: 0 } });
});

test("a batch ends before it is too long, and always has one item", async () => {
  await using box = await open();
  await box.append("p1", 3, { text: "x".repeat(1_000) });
  expect(await box.store.after("p1", 0, { items: 10, bytes: 3_000 })).toHaveLength(2);
  expect(await box.store.after("p1", 0, { items: 10, bytes: 10 })).toHaveLength(1);
  expect(await box.store.after("p1", 0, { items: 2, bytes: 1e6 })).toHaveLength(2);
});

test("telephone numbers stay on the site unless its owner decided otherwise", () => {
  const ticket = {
    id: "t1",
    number: "10001",
    state: "open",
    rev: 1,
    kind: "repair",
    intent: "hotel.repair",
    summary: "806 空调不制冷",
    channel: "phone",
    callerNumber: "13800001111",
    openedAt: 1,
    updatedAt: 1,
  };
  const change = { rev: 1, type: "opened", state: "open", at: 1, actor: "assistant" };
  const call = {
    id: "c1",
    channel: "phone",
    callerNumber: "13800001111",
    dialled: "8000",
    state: "ended",
    startedAt: 1,
    ticketIds: [],
    hasRecording: true,
  };
  const rows = [
    { type: "ticket.changed", ticket, change },
    { type: "call.ended", call },
  ].map((body, i) => {
    const text = JSON.stringify(body);
    return {
      stream: "p1",
      seq: i + 1,
      id: "i",
      agg: "a",
      rev: 1,
      wall: 1_000,
      mono: 1,
      ttl_ms: null,
      bytes: text.length,
      body: text,
    };
  });
  const facts = { box: BoxId.parse("b"), epoch: "e", boot: "b", n: 1, now: 2_000, sentBefore: 1, timeQuality: "rtc" as const };
  const kept = batchOf("p1", rows, { ...facts, personalData: false });
  expect(JSON.stringify(kept)).not.toContain("13800001111");
  expect(kept.items.map(({ hist }) => hist)).toEqual([true, false]);
  expect(batchOf("p1", rows, { ...facts, now: 100_000, personalData: true }).items).toMatchObject([
    { hist: true, body: { ticket: { callerNumber: "13800001111" } } },
    { hist: true, body: { call: { callerNumber: "13800001111" } } },
  ]);
});

test("long messages travel compressed, short ones as they are", async () => {
  expect((await payloadOf({ a: 1 })).toString()).toBe('{"a":1}');
  expect((await payloadOf({ text: "x".repeat(10_000) })).readUInt32BE(0)).toBe(0x28b52ffd);
});

test("waits between attempts grow to their limit and never fall below the first", () => {
  const limits = { firstMs: 1_000, maxMs: 300_000 };
  expect(nextWaitMs(0, limits, 1)).toBe(1_000);
  expect(nextWaitMs(1_000, limits, 1)).toBe(3_000);
  expect(nextWaitMs(1_000, limits, 0)).toBe(1_000);
  expect(nextWaitMs(250_000, limits, 1)).toBe(300_000);
});
