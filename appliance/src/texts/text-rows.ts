import type { TextMessage } from "@sitebox/core/contract";
import type { Selectable } from "kysely";
import type { BoxTransaction, TextMessageTable } from "../db/index.ts";

export type TextRow = Omit<Selectable<TextMessageTable>, "seq">;

/** No box is older. */
const FIRST_AT = Date.UTC(2025, 0, 1);

/**
 * How old something is in ms, by a wall clock that may have been put right since: a box without a battery starts in 1970 or 2000 until the network
 * has told it the time. What seems to come from the future or from before there were boxes is new.
 */
export const ageOf = (at: number, now: number): number => (at > now || at < FIRST_AT ? 0 : now - at);

/** A text as pages show it. One that is being sent still waits for the line's word. */
export const toText = (row: TextRow): TextMessage => ({
  id: row.id,
  line: row.line,
  direction: row.direction,
  number: row.number,
  text: row.text,
  state: row.state === "sending" ? "waiting" : row.state,
  at: row.at,
  ...(row.reason !== null && { reason: row.reason }),
  ...(row.ticket_id !== null && { ticketId: row.ticket_id }),
});

export interface OutgoingText {
  readonly line: string;
  readonly port: number | null;
  readonly number: string;
  readonly text: string;
  readonly purpose: Exclude<TextRow["purpose"], "request" | "service">;
  readonly ticketId?: TextRow["ticket_id"];
}

/** Puts a text on its way, in the transaction of what it is about. */
export async function putOut(tx: BoxTransaction, at: number, { ticketId = null, ...text }: OutgoingText): Promise<TextRow> {
  const row: TextRow = {
    ...text,
    id: crypto.randomUUID(),
    wire_id: null,
    direction: "out",
    state: "waiting",
    reason: null,
    at,
    handled: 1,
    attempts: 0,
    next_at: at,
    settled_at: null,
    reference: null,
    ticket_id: ticketId,
  };
  await tx.insertInto("text_message").values(row).execute();
  return row;
}

export async function isRefused(tx: BoxTransaction, number: string): Promise<boolean> {
  return (await tx.selectFrom("text_refusal").select("at").where("number", "=", number).executeTakeFirst()) !== undefined;
}
