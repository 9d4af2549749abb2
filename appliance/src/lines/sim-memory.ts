import type { SimMemory } from "@sitebox/drivers/line";
import { z } from "zod";
import type { BoxDatabase, BoxTransaction } from "../db/index.ts";

const Kept = z.object({ owner: z.string(), iccid: z.string() });

const keyOf = (line: string, number: string) => `sim.${line}.${number}`;

/** Which SIM each number of a line was first seen with. A number that is registered to somebody else begins anew. */
export const simMemory = (db: BoxDatabase, line: string): SimMemory => ({
  load: async ({ number, owner }) => {
    const row = await db.read((r) =>
      r.selectFrom("setting").select("value").where("key", "=", keyOf(line, number)).executeTakeFirst(),
    );
    const kept = row && Kept.parse(JSON.parse(row.value));
    return kept?.owner === owner ? kept.iccid : undefined;
  },
  keep: async ({ number, owner }, iccid) => {
    const [key, value] = [keyOf(line, number), JSON.stringify({ owner, iccid })];
    await db.transact((tx) =>
      tx
        .insertInto("setting")
        .values({ key, value })
        .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
        .execute(),
    );
  },
});

/** With a line that is removed its SIMs are forgotten. */
export async function forgetSims(tx: BoxTransaction, line: string): Promise<void> {
  await tx
    .deleteFrom("setting")
    .where("key", "like", `${keyOf(line, "")}%`)
    .execute();
}
