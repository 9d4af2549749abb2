import { mkdir, mkdtemp, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CallId, TicketId } from "@sitebox/core/contract";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { openBoxDatabase } from "../../db/index.ts";
import { Mailbox } from "./index.ts";

async function open() {
  const dataDir = await mkdtemp(join(tmpdir(), "sitebox-mailbox-"));
  const db = await openBoxDatabase(dataDir);
  await mkdir(join(dataDir, "messages"));
  const clock = new VirtualClock();
  const mailbox = new Mailbox({ db, clock, dataDir });
  const leave = async (name: string, also: { readonly ticketId?: TicketId; readonly extension?: string } = {}) => {
    await clock.advance(1);
    const audioFile = `messages/${name}.wav`;
    await writeFile(join(dataDir, audioFile), "wav");
    return mailbox.add({
      extension: "8001",
      callId: CallId.parse(name),
      callerNumber: "13800138000",
      audioFile,
      durationMs: 4_000.4,
      ...also,
    });
  };
  const exists = (name: string) =>
    stat(join(dataDir, "messages", `${name}.wav`)).then(
      () => true,
      () => false,
    );
  return { mailbox, clock, leave, exists, dataDir, [Symbol.asyncDispose]: () => db[Symbol.asyncDispose]() };
}

test("the lamp follows what is left, heard and deleted, each extension's own", async () => {
  await using site = await open();
  const { mailbox, leave } = site;
  const told: unknown[] = [];
  mailbox.events.on("countsChanged", (...fact) => told.push(fact));
  const first = await leave("c1");
  await leave("c2");
  await leave("c3", { extension: "8002" });
  expect(await mailbox.counts("8001")).toEqual({ unheard: 2, heard: 0 });
  expect(await mailbox.counts("8003")).toEqual({ unheard: 0, heard: 0 });
  expect(await mailbox.heard(first.id)).toBe(true);
  expect(await mailbox.counts("8001")).toEqual({ unheard: 1, heard: 1 });
  await mailbox.remove(first.id);
  expect(told).toEqual([
    ["8001", { unheard: 1, heard: 0 }],
    ["8001", { unheard: 2, heard: 0 }],
    ["8002", { unheard: 1, heard: 0 }],
    ["8001", { unheard: 1, heard: 1 }],
    ["8001", { unheard: 1, heard: 0 }],
  ]);
});

test("what nobody has heard is played first, the oldest before the newer, and was heard when it was first heard", async () => {
  await using site = await open();
  const { mailbox, clock, leave } = site;
  const [first, second, third] = [await leave("c1"), await leave("c2"), await leave("c3")];
  await mailbox.heard(first.id);
  const heardAt = clock.now();
  await clock.advance(5_000);
  await mailbox.heard(first.id);
  expect(await mailbox.list("8001")).toEqual([second, third, { ...first, heardAt }]);
  expect(first).toMatchObject({ callId: "c1", durationMs: 4_000, audioFile: "messages/c1.wav" });
  expect(mailbox.audioPath(first)).toBe(join(site.dataDir, "messages/c1.wav"));
});

test("a message's sound goes with it unless a work order has it too", async () => {
  await using site = await open();
  const { mailbox, leave, exists } = site;
  const [alone, shared] = [await leave("c1"), await leave("c2", { ticketId: TicketId.parse("t1") })];
  expect(await mailbox.remove(alone.id)).toBe(true);
  expect(await mailbox.remove(shared.id)).toBe(true);
  expect([await exists("c1"), await exists("c2")]).toEqual([false, true]);
  expect(await mailbox.remove(alone.id)).toBe(false);
  expect(await mailbox.heard(alone.id)).toBe(false);
});

test("no sound is looked for outside the data folder", async () => {
  await using site = await open();
  expect(() => site.mailbox.audioPath({ audioFile: "../box.db" })).toThrow(RangeError);
  expect(() => site.mailbox.audioPath({ audioFile: "/etc/passwd" })).toThrow(RangeError);
});
