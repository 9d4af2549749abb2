import { EventEmitter } from "node:events";
import { rm } from "node:fs/promises";
import { isAbsolute, join, normalize } from "node:path";
import type { CallId, TicketId } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { BoxDatabase, MailboxMessageTable } from "../../db/index.ts";
import { chainFileOf } from "../../media/index.ts";

export interface MailboxDeps {
  readonly db: BoxDatabase;
  readonly clock: Clock;
  readonly dataDir: string;
}

/** A message that a caller left for an extension. */
export interface MailboxMessage {
  readonly id: string;
  readonly extension: string;
  readonly callId?: CallId;
  /** The work order that was opened for it; its sound is the same file. */
  readonly ticketId?: TicketId;
  readonly callerNumber: string;
  /** A wav file, relative to the data folder. */
  readonly audioFile: string;
  readonly durationMs: number;
  readonly leftAt: number;
  readonly heardAt?: number;
}
export type NewMailboxMessage = Omit<MailboxMessage, "id" | "leftAt" | "heardAt">;

/** What a telephone's lamp shows (RFC 3842: Voice-Message). */
export interface MailboxCounts {
  readonly unheard: number;
  readonly heard: number;
}

export interface MailboxEvents {
  countsChanged: [extension: string, MailboxCounts];
}

const fromRow = (row: MailboxMessageTable): MailboxMessage => ({
  id: row.id,
  extension: row.extension,
  ...(row.call_id !== null && { callId: row.call_id }),
  ...(row.ticket_id !== null && { ticketId: row.ticket_id }),
  callerNumber: row.caller_number,
  audioFile: row.audio_file,
  durationMs: row.duration_ms,
  leftAt: row.left_at,
  ...(row.heard_at !== null && { heardAt: row.heard_at }),
});

/** Messages of extensions. They go with the recordings when their time is over. */
export class Mailbox {
  readonly events = new EventEmitter<MailboxEvents>();
  readonly #deps: MailboxDeps;

  constructor(deps: MailboxDeps) {
    this.#deps = deps;
  }

  /** On disk when it resolves. */
  async add(message: NewMailboxMessage): Promise<MailboxMessage> {
    const { db, clock } = this.#deps;
    const row: MailboxMessageTable = {
      id: crypto.randomUUID(),
      extension: message.extension,
      call_id: message.callId ?? null,
      ticket_id: message.ticketId ?? null,
      caller_number: message.callerNumber,
      audio_file: message.audioFile,
      duration_ms: Math.round(message.durationMs),
      left_at: clock.now(),
      heard_at: null,
    };
    await db.transact((tx) => tx.insertInto("mailbox_message").values(row).execute());
    await this.#told(row.extension);
    return fromRow(row);
  }

  /** Those nobody has heard first, among each the oldest first: the order in which they are played. */
  async list(extension: string): Promise<MailboxMessage[]> {
    const rows = await this.#deps.db.read((r) =>
      r
        .selectFrom("mailbox_message")
        .selectAll()
        .where("extension", "=", extension)
        .orderBy((eb) => eb("heard_at", "is not", null))
        .orderBy("left_at")
        .orderBy("id")
        .execute(),
    );
    return rows.map(fromRow);
  }

  async counts(extension: string): Promise<MailboxCounts> {
    const { all, heard } = await this.#deps.db.read((r) =>
      r
        .selectFrom("mailbox_message")
        .select(({ fn }) => [fn.countAll<number>().as("all"), fn.count<number>("heard_at").as("heard")])
        .where("extension", "=", extension)
        .executeTakeFirstOrThrow(),
    );
    return { unheard: all - heard, heard };
  }

  /** Marks a message as heard. False where there is none by that id. */
  async heard(id: string): Promise<boolean> {
    const { db, clock } = this.#deps;
    const row = await db.transact((tx) =>
      tx
        .updateTable("mailbox_message")
        .set((eb) => ({ heard_at: eb.fn.coalesce("heard_at", eb.val(clock.now())) }))
        .where("id", "=", id)
        .returning("extension")
        .executeTakeFirst(),
    );
    if (row) await this.#told(row.extension);
    return row !== undefined;
  }

  /** Deletes a message, and its sound where no work order needs it. False where there is none by that id. */
  async remove(id: string): Promise<boolean> {
    const row = await this.#deps.db.transact((tx) =>
      tx.deleteFrom("mailbox_message").where("id", "=", id).returningAll().executeTakeFirst(),
    );
    if (!row) return false;
    if (row.ticket_id === null) {
      const sound = this.#pathOf(row.audio_file);
      for (const file of [sound, chainFileOf(sound)]) await rm(file, { force: true });
    }
    await this.#told(row.extension);
    return true;
  }

  /** Where a message's sound is on disk. */
  audioPath({ audioFile }: Pick<MailboxMessage, "audioFile">): string {
    return this.#pathOf(audioFile);
  }

  #pathOf(file: string): string {
    const path = normalize(file);
    if (isAbsolute(path) || path.startsWith("..")) throw new RangeError("a message's sound is in the data folder");
    return join(this.#deps.dataDir, path);
  }

  async #told(extension: string): Promise<void> {
    this.events.emit("countsChanged", extension, await this.counts(extension));
  }
}
