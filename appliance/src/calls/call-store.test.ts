import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TicketId } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import { type BoxDatabase, openBoxDatabase } from "../db/index.ts";
import { CallStore } from "./call-store.ts";

const call = { channel: "phone", callerNumber: "13800138000", dialled: "8000" } as const;
const openDb = async () => openBoxDatabase(await mkdtemp(join(tmpdir(), "sitebox-calls-")));
const storeOn = (db: BoxDatabase, syncPersonalData = false) =>
  new CallStore({ db, clock: systemClock, log: silentLog, syncPersonalData });

test("a call goes on while its record cannot be written, and the record is whole once it can", async () => {
  await using db = await openDb();
  let full = true;
  const store = storeOn({
    ...db,
    transact: (change) => (full ? Promise.reject(new Error("SQLITE_FULL")) : db.transact(change)),
  });
  const { id } = await store.begin(call);
  await store.answered(id, null);
  expect(await store.find(id)).toBeUndefined();
  full = false;
  await store.addTicket(id, TicketId.parse("t1"));
  expect(await store.find(id)).toMatchObject({ ...call, ticketIds: ["t1"], state: "ringing" });
});

test("calls that a crash left open are ended with what became of them", async () => {
  await using db = await openDb();
  const before = storeOn(db);
  const [served, lost] = [await before.begin(call), await before.begin(call)];
  await before.addTicket(served.id, TicketId.parse("t1"));
  const after = storeOn(db);
  expect(await after.closeAbandoned()).toBe(2);
  expect(await after.find(served.id)).toMatchObject({ state: "ended", outcome: "ticket" });
  expect(await after.find(lost.id)).toMatchObject({ state: "ended", outcome: "failed", moments: [{ type: "fault" }] });
});

test("a call that only tries a line is known by it, while it is up and after", async () => {
  await using db = await openDb();
  const store = storeOn(db);
  const { id } = await store.begin({ channel: "desk", callerNumber: "admin", dialled: "13800138000", testedLine: "lobby" });
  await store.begin(call);
  expect(await store.end(id, "abandoned")).toMatchObject({ testedLine: "lobby" });
  expect((await store.list(2)).map(({ testedLine }) => testedLine)).toEqual(expect.arrayContaining(["lobby", undefined]));
});

test("headquarters is told of a call without the caller's number", async () => {
  await using db = await openDb();
  const store = storeOn(db);
  const { id } = await store.begin(call);
  await store.end(id, "abandoned");
  const [row] = await db.read((r) => r.selectFrom("outbox").select("body").execute());
  expect(JSON.parse(row?.body ?? "{}")).toMatchObject({ type: "call.ended", call: { id, callerNumber: "" } });
});
