import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { appendOutbox } from "@sitebox/appliance/sync";
import { openHeadquartersDatabase } from "@sitebox/cloud";
import { systemClock } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import { eventually, newFolder, openProxy, revisions, startBox, startHeadquarters, ticketChange } from "./rig.ts";

const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

test("5,000 facts over a line that keeps breaking arrive once each and in order", async () => {
  await using hq = await startHeadquarters();
  await using proxy = await openProxy(() => hq.mqttPort);
  await using box = await startBox({
    enrolUrl: hq.enrolUrl,
    mqttUrl: `mqtts://127.0.0.1:${proxy.port}`,
    tuning: { batch: { items: 100, bytes: 64 * 1024 } },
  });
  const tickets = upTo(50).map((n) => `t${n}`);
  const flapping = new AbortController();
  const flaps = (async () => {
    let cuts = 0;
    for (; !flapping.signal.aborted; cuts++) {
      await systemClock.sleep(300 + Math.random() * 400, flapping.signal).catch(() => undefined);
      proxy.cut();
    }
    return cuts;
  })();
  for (let rev = 1; rev <= 100; rev++) {
    await box.db.transact(async (tx) => {
      for (const ticket of tickets) await appendOutbox(tx, systemClock, ticketChange(ticket, rev));
    });
    box.uplink.notify();
  }
  await box.empty();
  flapping.abort();
  expect(await flaps).toBeGreaterThan(3);
  await eventually(hq, async () => (await revisions(hq, "box-1", "t50")).length === 100);
  for (const ticket of tickets) expect(await revisions(hq, "box-1", ticket)).toEqual(upTo(100));
  expect((await hq.fleet.counts()).deadLetters).toBe(0);
  const [first] = tickets;
  expect(await hq.fleet.ticket("box-1", first ?? "")).toMatchObject({ rev: 100 });
});

test("headquarters is killed between its commit and the acknowledgement: nothing is lost and nothing doubled", async () => {
  const dataDir = await newFolder();
  const real = await openHeadquartersDatabase(dataDir);
  let kill = false;
  let killed = Promise.withResolvers<void>();
  await using hq = await startHeadquarters({
    dataDir,
    parts: {
      db: {
        read: real.read,
        async transact(change) {
          const result = await real.transact(change);
          if (!kill) return result;
          kill = false;
          killed.resolve();
          throw new Error("killed after the commit");
        },
        [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
      },
    },
  });
  await using box = await startBox({ enrolUrl: hq.enrolUrl });
  await box.until("online");
  for (let round = 1; round <= 3; round++) {
    killed = Promise.withResolvers();
    kill = true;
    await box.change("t1", round);
    await killed.promise;
    await box.empty();
  }
  await eventually(hq, async () => (await revisions(hq, "box-1", "t1")).length === 3);
  expect(await revisions(hq, "box-1", "t1")).toEqual([1, 2, 3]);
});

test("a database that refuses means no acknowledgement, and the box sends again", async () => {
  const dataDir = await newFolder();
  const real = await openHeadquartersDatabase(dataDir);
  let broken = false;
  let refusals = 0;
  const refused = Promise.withResolvers<void>();
  await using hq = await startHeadquarters({
    dataDir,
    parts: {
      db: {
        read: real.read,
        async transact(change) {
          if (!broken) return await real.transact(change);
          if (++refusals === 3) refused.resolve();
          throw new Error("disk full");
        },
        [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
      },
    },
  });
  await using box = await startBox({ enrolUrl: hq.enrolUrl });
  await box.until("online");
  broken = true;
  await box.change("t1", 1);
  await refused.promise;
  expect(await box.waiting()).toBe(1);
  broken = false;
  await box.empty();
  await eventually(hq, async () => (await revisions(hq, "box-1", "t1")).length === 1);
});

test("headquarters is away for a while, then everything comes, from a restarted box too", async () => {
  const dataDir = await newFolder();
  const boxDir = await newFolder();
  const ports = await (async () => {
    await using hq = await startHeadquarters({ dataDir });
    await using box = await startBox({ dataDir: boxDir, enrolUrl: hq.enrolUrl });
    await box.change("t1", 1);
    await box.until("online");
    await box.empty();
    return { mqttPort: hq.mqttPort, enrolPort: Number(new URL(hq.enrolUrl).port) };
  })();
  const enrolUrl = `https://127.0.0.1:${ports.enrolPort}`;
  {
    await using box = await startBox({ dataDir: boxDir, enrolUrl });
    await box.until("offline");
    expect(box.uplink.state().fault).toBe("unreachable");
    for (let rev = 2; rev <= 20; rev++) await box.change("t1", rev);
  }
  await using box = await startBox({ dataDir: boxDir, enrolUrl });
  await box.until("offline");
  expect(box.uplink.state().waiting).toBe(19);
  await using hq = await startHeadquarters({ dataDir, ...ports });
  await box.empty();
  await eventually(hq, async () => (await revisions(hq, "box-1", "t1")).length === 20);
  expect(await revisions(hq, "box-1", "t1")).toEqual(upTo(20));
});

test("what was committed and not applied when headquarters died is applied at its next start", async () => {
  const dataDir = await newFolder();
  const real = await openHeadquartersDatabase(dataDir);
  let dying = false;
  let dead = false;
  const killed = Promise.withResolvers<void>();
  {
    await using hq = await startHeadquarters({
      dataDir,
      parts: {
        db: {
          read: real.read,
          async transact(change) {
            if (dead) throw new Error("dead");
            const result = await real.transact(change);
            if (!dying) return result;
            dead = true;
            killed.resolve();
            throw new Error("dead");
          },
          [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
        },
      },
    });
    await using box = await startBox({ enrolUrl: hq.enrolUrl });
    await box.until("online");
    dying = true;
    await box.change("t1", 1);
    await killed.promise;
    expect(await revisions(hq, "box-1", "t1")).toEqual([]);
  }
  await using hq = await startHeadquarters({ dataDir });
  await eventually(hq, async () => (await revisions(hq, "box-1", "t1")).length === 1);
});

test("a box that was put back to an old backup numbers anew, and headquarters has each fact once", async () => {
  const boxDir = await newFolder();
  await using hq = await startHeadquarters();
  {
    await using box = await startBox({ dataDir: boxDir, enrolUrl: hq.enrolUrl });
    for (let rev = 1; rev <= 5; rev++) await box.change("t1", rev);
    await box.until("online");
    await box.empty();
  }
  // The oldest backup there is: an empty one.
  for (const suffix of ["", "-wal", "-shm"]) await rm(join(boxDir, `box.db${suffix}`), { force: true });
  await using box = await startBox({ dataDir: boxDir, enrolUrl: hq.enrolUrl });
  await box.change("t2", 1);
  await box.change("t2", 2);
  await box.until("online");
  await box.empty();
  await eventually(hq, async () => (await revisions(hq, "box-1", "t2")).length === 2);
  expect(await revisions(hq, "box-1", "t1")).toEqual(upTo(5));
});

test("a headquarters that was put back to an old backup is told what it lost, and goes on", async () => {
  const dataDir = await newFolder();
  const boxDir = await newFolder();
  const ports = { mqttPort: 0, enrolPort: 0 };
  const visit = async (revs: readonly number[]) => {
    await using hq = await startHeadquarters({ dataDir, ...ports });
    ports.mqttPort = hq.mqttPort;
    ports.enrolPort = Number(new URL(hq.enrolUrl).port);
    await using box = await startBox({ dataDir: boxDir, enrolUrl: hq.enrolUrl });
    for (const rev of revs) await box.change("t1", rev);
    await box.until("online");
    await box.empty();
    const last = revs.at(-1) ?? 0;
    await eventually(hq, async () => (await revisions(hq, "box-1", "t1")).includes(last));
    return await revisions(hq, "box-1", "t1");
  };
  const file = join(dataDir, "headquarters.db");
  expect(await visit([1, 2])).toEqual([1, 2]);
  await copyFile(file, `${file}.backup`);
  expect(await visit([3, 4])).toEqual([1, 2, 3, 4]);
  await copyFile(`${file}.backup`, file);
  for (const suffix of ["-wal", "-shm"]) await rm(`${file}${suffix}`, { force: true });
  expect(await visit([5, 6])).toEqual([1, 2, 5, 6]);
  await using db = await openHeadquartersDatabase(dataDir);
  expect(await db.read((reader) => reader.selectFrom("missing").select(["from_seq", "to_seq", "reason"]).execute())).toEqual([
    { from_seq: 3, to_seq: 4, reason: "lost by headquarters" },
  ]);
});
