import type { BoxTransaction } from "../db/index.ts";

/** The site's calendar day of an instant, as 2026-11-21. */
export function dayOf(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(at);
}

/** The next short number of a day: the site's code and four digits from 0001. Given out in the ticket's own transaction, so without gaps. */
export async function nextNumber(tx: BoxTransaction, day: string, code: string): Promise<string> {
  const { last_number: last } = await tx
    .insertInto("ticket_day")
    .values({ day, last_number: 1 })
    .onConflict((conflict) => conflict.column("day").doUpdateSet((eb) => ({ last_number: eb("ticket_day.last_number", "+", 1) })))
    .returning("last_number")
    .executeTakeFirstOrThrow();
  return `${code}${String(last).padStart(4, "0")}`;
}
