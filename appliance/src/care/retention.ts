import { readdir, rm, stat } from "node:fs/promises";
import { isAbsolute, join, normalize } from "node:path";
import type { BoxConfig } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { BoxDatabase } from "../db/index.ts";
import { chainFileOf } from "../media/index.ts";

export interface RetentionDeps {
  readonly db: BoxDatabase;
  readonly clock: Clock;
  readonly log: Log;
  readonly dataDir: string;
  readonly retention: BoxConfig["retention"];
  /** Folders below the data folder that hold voices. */
  readonly voiceDirs: readonly string[];
}

/** What one run deleted. */
export interface DeletionReceipt {
  readonly at: number;
  readonly recordings: number;
  readonly transcripts: number;
  readonly tickets: number;
  readonly calls: number;
}

const DAY_MS = 86_400_000;
const GROUP = 200;

/** Deletes personal data whose time is over (PIPL art. 19 and 47) and keeps a receipt. Work orders that are not finished stay. */
export class Retention {
  readonly #deps: RetentionDeps;
  #running: Promise<unknown> = Promise.resolve();

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
  }

  /** One after the other: each thing is deleted, and counted, once. */
  run(): Promise<DeletionReceipt> {
    const run = this.#running.then(() => this.#run());
    this.#running = run.catch(() => {});
    return run;
  }

  async #run(): Promise<DeletionReceipt> {
    const { db, clock, log, retention } = this.#deps;
    const at = clock.now();
    const before = (days: number) => at - days * DAY_MS;
    const receipt: DeletionReceipt = {
      at,
      recordings: await this.#recordings(before(retention.recordingsDays)),
      transcripts: await this.#transcripts(before(retention.transcriptsDays)),
      tickets: await this.#tickets(before(retention.ticketsDays)),
      calls: await this.#calls(before(retention.ticketsDays)),
    };
    const { recordings, transcripts, tickets, calls } = receipt;
    if (recordings + transcripts + tickets + calls > 0) {
      await db.transact((tx) =>
        tx
          .insertInto("deletion_receipt")
          .values({ at, receipt: JSON.stringify(receipt) })
          .execute(),
      );
      log.info("personal data deleted, their time was over", { recordings, transcripts, tickets, calls });
    }
    return receipt;
  }

  /** Voices of calls and messages; the file goes first, so that no row is left without its file being gone. */
  async #recordings(before: number): Promise<number> {
    const { db, dataDir, voiceDirs } = this.#deps;
    const old = await db.read(async (r) => ({
      calls: await r
        .selectFrom("call")
        .select(["id", "recording_file as file"])
        .where("recording_file", "is not", null)
        .where("started_at", "<", before)
        .where("ended_at", "is not", null)
        .execute(),
      tickets: await r
        .selectFrom("ticket")
        .select(["id", "audio_file as file"])
        .where("audio_file", "is not", null)
        .where("opened_at", "<", before)
        .execute(),
      mailboxes: await r
        .selectFrom("mailbox_message")
        .select(["id", "audio_file as file"])
        .where("left_at", "<", before)
        .execute(),
    }));
    let deleted = 0;
    // A message in a mailbox has its sound in common with its work order.
    const files = new Set([...old.calls, ...old.tickets, ...old.mailboxes].map(({ file }) => file));
    for (const file of files) {
      const path = normalize(file ?? "");
      if (path === "." || isAbsolute(path) || path.startsWith("..")) continue;
      await rm(join(dataDir, path), { force: true });
      await rm(join(dataDir, chainFileOf(path)), { force: true });
      deleted++;
    }
    for (const ids of groups(old.calls.map(({ id }) => id)))
      await db.transact((tx) => tx.updateTable("call").set({ recording_file: null }).where("id", "in", ids).execute());
    for (const ids of groups(old.tickets.map(({ id }) => id)))
      await db.transact((tx) => tx.updateTable("ticket").set({ audio_file: null }).where("id", "in", ids).execute());
    for (const ids of groups(old.mailboxes.map(({ id }) => id)))
      await db.transact((tx) => tx.deleteFrom("mailbox_message").where("id", "in", ids).execute());
    // What a crash left without a row.
    for (const dir of voiceDirs) {
      const names = await readdir(join(dataDir, dir)).catch(() => []);
      for (const name of names) {
        const path = join(dataDir, dir, name);
        const facts = await stat(path).catch(() => undefined);
        if (!facts?.isFile() || facts.mtimeMs >= before) continue;
        await rm(path, { force: true });
        deleted++;
      }
    }
    return deleted;
  }

  async #transcripts(before: number): Promise<number> {
    const { db } = this.#deps;
    const calls = await db.read((r) =>
      r
        .selectFrom("call")
        .select("id")
        .where("started_at", "<", before)
        .where((eb) => eb.exists(eb.selectFrom("call_moment").select("seq").whereRef("call_moment.call_id", "=", "call.id")))
        .execute(),
    );
    for (const ids of groups(calls.map(({ id }) => id)))
      await db.transact((tx) => tx.deleteFrom("call_moment").where("call_id", "in", ids).execute());
    // Signalling names who spoke with whom as the transcript does.
    await db.transact((tx) => tx.deleteFrom("wire_message").where("at", "<", before).execute());
    await db.transact((tx) =>
      tx.updateTable("ticket").set({ said: null }).where("said", "is not", null).where("opened_at", "<", before).execute(),
    );
    const texts = await this.#texts(before);
    return calls.length + texts;
  }

  /** Texts are what was said, in writing. One that nobody could deal with yet stays, and one that is still to be sent: its age may be a wrong clock's. */
  async #texts(before: number): Promise<number> {
    const { db } = this.#deps;
    const old = await db.read((r) =>
      r
        .selectFrom("text_message")
        .select("id")
        .where("at", "<", before)
        .where("handled", "=", 1)
        .where("state", "not in", ["waiting", "sending"])
        .execute(),
    );
    for (const ids of groups(old.map(({ id }) => id)))
      await db.transact((tx) => tx.deleteFrom("text_message").where("id", "in", ids).execute());
    return old.length;
  }

  async #tickets(before: number): Promise<number> {
    const { db } = this.#deps;
    const old = await db.read((r) =>
      r.selectFrom("ticket").select("id").where("state", "in", ["done", "cancelled"]).where("updated_at", "<", before).execute(),
    );
    for (const ids of groups(old.map(({ id }) => id)))
      await db.transact((tx) => tx.deleteFrom("ticket").where("id", "in", ids).execute());
    return old.length;
  }

  async #calls(before: number): Promise<number> {
    const { db } = this.#deps;
    const old = await db.read((r) =>
      r.selectFrom("call").select("id").where("ended_at", "is not", null).where("started_at", "<", before).execute(),
    );
    for (const ids of groups(old.map(({ id }) => id)))
      await db.transact((tx) => tx.deleteFrom("call").where("id", "in", ids).execute());
    // Who changed what about the way of calls is kept as long as what became of the calls.
    await db.transact((tx) => tx.deleteFrom("plan_change").where("at", "<", before).execute());
    return old.length;
  }
}

/** A few hundred at a time: other transactions go on between them. */
function* groups<T>(all: readonly T[]): Generator<T[]> {
  for (let i = 0; i < all.length; i += GROUP) yield all.slice(i, i + GROUP);
}
