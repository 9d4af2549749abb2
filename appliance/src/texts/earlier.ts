import type { TicketId } from "@sitebox/core/contract";
import type { BoxDatabase } from "../db/index.ts";
import type { TextRow } from "./text-rows.ts";

const SAME_MS = 120_000;

/** The same text of the same sender shortly before: people press twice, networks send twice. */
export const sameBefore = (db: BoxDatabase, { id, number, text, at }: TextRow): Promise<Pick<TextRow, "ticket_id"> | undefined> =>
  db.read((r) =>
    r
      .selectFrom("text_message")
      .select("ticket_id")
      .where("direction", "=", "in")
      .where("number", "=", number)
      .where("text", "=", text)
      .where("id", "!=", id)
      .where("handled", "=", 1)
      .where("at", ">=", at - SAME_MS)
      .where("at", "<=", at)
      .orderBy("seq", "desc")
      .executeTakeFirst(),
  );

/** Tickets that an attempt before this one has opened for these words without noting it beside the text. */
export async function openedFor(db: BoxDatabase, { number, at }: TextRow, said: string): Promise<TicketId[]> {
  const rows = await db.read((r) =>
    r
      .selectFrom("ticket")
      .select("id")
      .where("channel", "=", "sms")
      .where("caller_number", "=", number)
      .where("said", "=", said)
      .where("opened_at", ">=", at)
      .where("id", "not in", (eb) =>
        eb.selectFrom("text_message").select("ticket_id").where("ticket_id", "is not", null).$castTo<{ ticket_id: TicketId }>(),
      )
      .orderBy("opened_at")
      .orderBy("number")
      .execute(),
  );
  return rows.map(({ id }) => id);
}

/** What somebody asked for by telephone or text and is not over. */
export async function activeOf(db: BoxDatabase, number: string): Promise<TicketId[]> {
  const rows = await db.read((r) =>
    r
      .selectFrom("ticket")
      .select("id")
      .where("caller_number", "=", number)
      .where("state", "not in", ["done", "cancelled"])
      .orderBy("opened_at")
      .execute(),
  );
  return rows.map(({ id }) => id);
}
