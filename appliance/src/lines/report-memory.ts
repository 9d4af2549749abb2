import type { ReportMemory } from "@sitebox/drivers/gsm";
import { z } from "zod";
import type { BoxDatabase } from "../db/index.ts";

const Parts = z.array(z.int());

/** The texts of a modem's line of which its network is to report. */
export const reportMemory = (db: BoxDatabase, line: string): ReportMemory => ({
  load: async () => {
    const rows = await db.read((r) =>
      r.selectFrom("awaited_report").selectAll().where("line", "=", line).orderBy("at").execute(),
    );
    return rows.map(({ reference, number, parts, told, at }) => ({
      ...{ reference, to: number, at, told: told === 1 },
      parts: Parts.parse(JSON.parse(parts)),
    }));
  },
  keep: async ({ reference, to, parts, told, at }) => {
    const row = { line, reference, number: to, parts: JSON.stringify(parts), told: Number(told), at };
    await db.transact((tx) =>
      tx
        .insertInto("awaited_report")
        .values(row)
        .onConflict((conflict) => conflict.columns(["line", "reference"]).doUpdateSet(row))
        .execute(),
    );
  },
  forget: async (reference) => {
    await db.transact((tx) =>
      tx.deleteFrom("awaited_report").where("line", "=", line).where("reference", "=", reference).execute(),
    );
  },
});
