import type { GatewayMemory } from "@sitebox/drivers/gateway";
import type { BoxDatabase } from "../db/index.ts";

const keyOf = (key: string) => `gateway.${key}`;

/** What gateways' drivers want to find again after a restart. */
export const gatewayMemory = (db: BoxDatabase): GatewayMemory => ({
  read: async (key) =>
    (await db.read((r) => r.selectFrom("setting").select("value").where("key", "=", keyOf(key)).executeTakeFirst()))?.value,
  write: (key, value) =>
    db.transact(async (tx) => {
      await tx
        .insertInto("setting")
        .values({ key: keyOf(key), value })
        .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
        .execute();
    }),
});
