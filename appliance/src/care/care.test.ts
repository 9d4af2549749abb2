import { once } from "node:events";
import { mkdir, mkdtemp, readdir, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alarmOf, type BoxHealth, BoxId, type MetricSample, type SyncBody } from "@sitebox/core/contract";
import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { CompiledQuery } from "kysely";
import { expect, test } from "vitest";
import { openBoxDatabase } from "../db/index.ts";
import type { HealthProbe } from "./health.ts";
import { Care } from "./index.ts";

const DAY_MS = 86_400_000;
const GB = 1_000_000_000;

async function open(options: { dataDir?: string; probes?: HealthProbe[] } = {}) {
  await using opening = new AsyncDisposableStack();
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "sitebox-care-")));
  const db = opening.use(await openBoxDatabase(dataDir));
  const clock = new VirtualClock(Date.parse("2026-11-21T10:00:00+08:00"));
  const state = { freeBytes: 10 * GB };
  const care = opening.use(
    new Care({
      config: {
        box: BoxId.parse("box-1"),
        dataDir,
        retention: { recordingsDays: 90, transcriptsDays: 180, ticketsDays: 730 },
        site: { name: "示范酒店" },
      },
      software: "1.0.0",
      db,
      clock,
      log: silentLog,
      activeCalls: () => 3,
      probes: options.probes ?? [],
      disk: async () => ({ freeBytes: state.freeBytes, totalBytes: 20 * GB }),
    }),
  );
  const sampled = async (): Promise<MetricSample> => {
    const [sample] = await once(care.events, "sampled");
    return sample as MetricSample;
  };
  const first = sampled();
  await care.start();
  await first;
  /** The next look at the machine, 15 s later. */
  const look = async () => {
    const next = sampled();
    await clock.advance(15_000);
    return next;
  };
  const outbox = async (stream: string) =>
    (await db.read((r) => r.selectFrom("outbox").selectAll().where("stream", "=", stream).orderBy("seq").execute())).map(
      (row) => ({
        ...row,
        body: JSON.parse(row.body) as SyncBody,
      }),
    );
  const owned = opening.move();
  return { dataDir, db, clock, state, care, look, outbox, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test("the machine is measured every 15 s, kept, and told to headquarters with an end to its worth", async () => {
  await using box = await open();
  const sample = await box.look();
  expect(sample).toMatchObject({ activeCalls: 3, diskUsedPercent: 50, outboxLength: 1, outboxOldestSeconds: 15 });
  expect(sample.memoryUsedBytes).toBeGreaterThan(0);
  expect(sample.memoryUsedBytes).toBeLessThan(sample.memoryTotalBytes);
  expect(sample.processes?.find(({ name }) => name === "sitebox")?.rssBytes).toBeGreaterThan(10_000_000);
  expect((await box.care.metrics()).map(({ at }) => at)).toEqual([sample.at - 15_000, sample.at]);
  const told = await box.outbox("p3");
  expect(told.map(({ ttl_ms, body }) => [ttl_ms, body.type])).toEqual([
    [7 * DAY_MS, "metric.sampled"],
    [7 * DAY_MS, "metric.sampled"],
  ]);
});

test("no more than a day of samples is kept", async () => {
  await using box = await open();
  const at = box.clock.now();
  await box.db.transact(async (tx) => {
    for (let i = 1; i <= 5_800; i++)
      await tx
        .insertInto("metric_sample")
        .values({ at: at - i * 15_000, sample: "{}" })
        .execute();
  });
  await box.look();
  const { kept } = await box.db.read((r) =>
    r
      .selectFrom("metric_sample")
      .select(({ fn }) => fn.countAll<number>().as("kept"))
      .executeTakeFirstOrThrow(),
  );
  expect(kept).toBe(5_760);
});

test("little disk space raises an alarm once, and ends it when there is clearly more", async () => {
  await using box = await open();
  const alarms = async () =>
    (await box.outbox("p0")).map(({ agg, rev, body }) => [agg, rev, body.type === "alarm.changed" && body.alarm.active]);
  box.state.freeBytes = 0.4 * GB;
  await box.look();
  await box.look();
  expect(await alarms()).toEqual([["alarm/disk-low", 1, true]]);
  expect(await box.care.health()).toMatchObject({
    state: "degraded",
    parts: [{ name: "disk", state: "degraded", code: "disk-low", about: { megabytes: 400 } }, { name: "storage" }],
    alarms: [{ code: "disk-low", kind: "disk-low", about: { megabytes: 500 } }],
  });
  box.state.freeBytes = 0.55 * GB;
  await box.look();
  expect(box.care.alarms.map(({ code }) => code)).toEqual(["disk-low"]);
  box.state.freeBytes = 0.7 * GB;
  await box.look();
  expect(await alarms()).toEqual([
    ["alarm/disk-low", 1, true],
    ["alarm/disk-low", 2, false],
  ]);
  expect((await box.care.health()).state).toBe("ok");
});

test("an alarm that has come to mean something else is told anew, one whose values changed is not", async () => {
  await using box = await open();
  const told = async () => (await box.outbox("p0")).map(({ body }) => body.type === "alarm.changed" && body.alarm.kind);
  const alarm = { code: "line-down/a", severity: "warning", active: true } as const;
  for (const told of [
    alarmOf("line-down", { line: "a", fault: "no-sim" }),
    alarmOf("line-down", { line: "a", fault: "searching" }),
    alarmOf("last-line-down", { line: "a", fault: "searching" }),
  ]) {
    box.care.alarm({ ...alarm, ...told });
    await box.look();
  }
  expect(await told()).toEqual(["line-down", "last-line-down"]);
});

test("an alarm that is on stays on over a restart, and is not told twice", async () => {
  const first = await open();
  first.state.freeBytes = 0.4 * GB;
  await first.look();
  await first[Symbol.asyncDispose]();
  await using next = await open({ dataDir: first.dataDir });
  expect((await next.outbox("p0")).map(({ body }) => body.type === "alarm.changed" && body.alarm.active)).toEqual([true, false]);
});

test("a disk that takes nothing is shown, and its alarm leaves as soon as there is room", async () => {
  await using box = await open();
  const pragma = (text: string) =>
    box.db.transact((tx) => tx.executeQuery<{ page_count: number }>(CompiledQuery.raw(`pragma ${text}`)));
  const { rows } = await pragma("page_count");
  await pragma(`max_page_count = ${rows[0]?.page_count}`);
  const changes: BoxHealth[] = [];
  box.care.events.on("healthChanged", (health) => changes.push(health));
  // The last page still has room for a few samples.
  for (let i = 0; i < 50 && changes.length === 0; i++) await box.look();
  expect(changes[0]).toMatchObject({ state: "failed", parts: [{}, { name: "storage", state: "failed" }] });
  expect(changes[0]?.parts[1]?.reason).toMatch(/full/);
  expect(await box.outbox("p0")).toEqual([]);
  await pragma("max_page_count = 1000000");
  await box.look();
  expect((await box.care.health()).state).toBe("ok");
  expect((await box.outbox("p0")).map(({ body }) => body)).toMatchObject([{ alarm: { code: "storage" } }]);
});

test("the box is failed without an essential part, degraded with another amiss, and does not miss what is absent", async () => {
  const probe = (name: string, essential: boolean, state: HealthProbe["state"]): HealthProbe => ({ name, essential, state });
  const stateWith = async (...probes: HealthProbe[]) => {
    await using box = await open({ probes });
    return (await box.care.health()).state;
  };
  expect(await stateWith(probe("gsm", false, () => ({ state: "absent" })))).toBe("ok");
  expect(await stateWith(probe("speech", false, () => ({ state: "failed", reason: "no model" })))).toBe("degraded");
  expect(await stateWith(probe("speech", false, () => ({ state: "starting" })))).toBe("degraded");
  expect(await stateWith(probe("sip", true, () => Promise.reject(new Error("port taken"))))).toBe("failed");
});

test("personal data are deleted when their time is over, with a receipt; unfinished work stays", async () => {
  await using box = await open();
  // The one that runs at the start is over.
  await box.care.deleteOld();
  const now = box.clock.now();
  await mkdir(join(box.dataDir, "recordings"));
  const call = (id: string, days: number) => ({
    id,
    channel: "phone" as const,
    caller_number: "13812345678",
    dialled: "8000",
    state: "ended" as const,
    started_at: now - days * DAY_MS,
    answered_at: null,
    ended_at: now - days * DAY_MS,
    outcome: "ticket" as const,
    ticket_ids: "[]",
    recording_file: `recordings/${id}.wav`,
  });
  const ticket = {
    channel: "phone",
    kind: "repair",
    intent: "hotel.repair",
    priority: "P2",
    summary: "x",
    day: "d",
    incomplete: 0,
  };
  const calls = [call("new", 89), call("no-voice", 91), call("no-words", 181), call("gone", 731)];
  const orphan = join(box.dataDir, "recordings/orphan.wav");
  for (const { id } of calls) await writeFile(join(box.dataDir, `recordings/${id}.wav`), "voice");
  for (const { id } of calls) if (id !== "new") await writeFile(join(box.dataDir, `recordings/${id}.wav.chain`), "digests");
  await writeFile(orphan, "voice");
  await utimes(orphan, (now - 91 * DAY_MS) / 1_000, (now - 91 * DAY_MS) / 1_000);
  await box.db.transact(async (tx) => {
    await tx.insertInto("call").values(calls).execute();
    for (const { id } of calls)
      await tx
        .insertInto("call_moment")
        .values({ call_id: id, at_ms: 0, type: "heard", text: "空调不制冷", data: null })
        .execute();
    for (const [id, state] of [
      ["finished", "done"],
      ["waiting", "open"],
    ])
      await tx.executeQuery(
        CompiledQuery.raw(
          "insert into ticket (id, day, number, state, rev, kind, intent, priority, summary, incomplete, channel, opened_at, updated_at) values (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)",
          [
            id,
            ticket.day,
            id,
            state,
            ticket.kind,
            ticket.intent,
            ticket.priority,
            ticket.summary,
            ticket.incomplete,
            ticket.channel,
            0,
            0,
          ],
        ),
      );
  });
  expect(await box.care.deleteOld()).toEqual({ at: now, recordings: 4, transcripts: 2, tickets: 1, calls: 1 });
  expect(await readdir(join(box.dataDir, "recordings"))).toEqual(["new.wav"]);
  const left = await box.db.read(async (r) => ({
    calls: await r.selectFrom("call").select(["id", "recording_file"]).orderBy("started_at", "desc").execute(),
    words: await r.selectFrom("call_moment").select("call_id").orderBy("call_id").execute(),
    tickets: await r.selectFrom("ticket").select("id").execute(),
    receipts: await r.selectFrom("deletion_receipt").select("receipt").execute(),
  }));
  expect(left).toEqual({
    calls: [
      { id: "new", recording_file: "recordings/new.wav" },
      { id: "no-voice", recording_file: null },
      { id: "no-words", recording_file: null },
    ],
    words: [{ call_id: "new" }, { call_id: "no-voice" }],
    tickets: [{ id: "waiting" }],
    receipts: [{ receipt: JSON.stringify({ at: now, recordings: 4, transcripts: 2, tickets: 1, calls: 1 }) }],
  });
  expect(await box.care.deleteOld()).toMatchObject({ recordings: 0, transcripts: 0, tickets: 0, calls: 0 });
});

test("messages in mailboxes go with the recordings, each sound once", async () => {
  await using box = await open();
  const now = box.clock.now();
  await mkdir(join(box.dataDir, "messages"));
  for (const id of ["old", "new"]) await writeFile(join(box.dataDir, `messages/${id}.wav`), "voice");
  const message = (id: string, file: string, days: number) => ({
    id,
    extension: "8001",
    call_id: null,
    ticket_id: null,
    caller_number: "13812345678",
    audio_file: `messages/${file}.wav`,
    duration_ms: 1_000,
    left_at: now - days * DAY_MS,
    heard_at: null,
  });
  const messages = [message("a", "old", 91), message("b", "old", 91), message("c", "new", 89)];
  await box.db.transact((tx) => tx.insertInto("mailbox_message").values(messages).execute());
  expect(await box.care.deleteOld()).toMatchObject({ recordings: 1 });
  expect(await readdir(join(box.dataDir, "messages"))).toEqual(["new.wav"]);
  expect(await box.db.read((r) => r.selectFrom("mailbox_message").select("id").execute())).toEqual([{ id: "c" }]);
});

test("texts and what tickets keep of them go with the transcripts, but none that was not dealt with or is still to be sent", async () => {
  await using box = await open();
  // The one that runs at the start is over.
  await box.care.deleteOld();
  const text = (id: string, days: number, handled = 1, state: "received" | "waiting" = "received") => ({
    ...{
      id,
      line: "lobby",
      port: null,
      wire_id: id,
      direction: "in" as const,
      number: "13812345678",
      text: "806空调坏了",
      handled,
    },
    ...{
      state,
      reason: null,
      purpose: "request" as const,
      at: box.clock.now() - days * DAY_MS,
      attempts: 0,
    },
    ...{ next_at: null, settled_at: null, reference: null, ticket_id: null },
  });
  await box.db.transact((tx) =>
    tx
      .insertInto("text_message")
      .values([text("old", 181), text("stuck", 181, 0), text("to be sent", 181, 1, "waiting"), text("new", 179)])
      .execute(),
  );
  await box.db.transact(async (tx) => {
    for (const days of [180, 181])
      await tx.executeQuery(
        CompiledQuery.raw(
          "insert into ticket (id, day, number, state, rev, kind, intent, priority, summary, incomplete, channel, said, opened_at, updated_at) values (?, 'd', ?, 'open', 1, 'repair', 'i', 'P2', 's', 0, 'sms', '806空调坏了', ?, 0)",
          [String(days), String(days), box.clock.now() - days * DAY_MS],
        ),
      );
  });
  expect(await box.care.deleteOld()).toMatchObject({ transcripts: 1 });
  const said = await box.db.read((r) => r.selectFrom("ticket").select(["id", "said"]).orderBy("id").execute());
  expect(said).toEqual([
    { id: "180", said: "806空调坏了" },
    { id: "181", said: null },
  ]);
  const left = await box.db.read((r) => r.selectFrom("text_message").select("id").orderBy("seq").execute());
  expect(left).toEqual([{ id: "stuck" }, { id: "to be sent" }, { id: "new" }]);
});
