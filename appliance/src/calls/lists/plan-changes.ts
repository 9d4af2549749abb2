import type { PlanChange } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { BoxDatabase, BoxTransaction } from "../../db/index.ts";

/** Writes down who changed what, in the transaction of the change. */
export async function recordChange(
  tx: BoxTransaction,
  clock: Clock,
  { actor, type, subject, detail }: Omit<PlanChange, "at">,
): Promise<void> {
  await tx
    .insertInto("plan_change")
    .values({ at: clock.now(), actor, type, subject, detail: detail === undefined ? null : JSON.stringify(detail) })
    .execute();
}

/** Who changed what, the newest first. */
export async function listChanges(db: BoxDatabase, limit: number): Promise<PlanChange[]> {
  const rows = await db.read((r) => r.selectFrom("plan_change").selectAll().orderBy("seq", "desc").limit(limit).execute());
  return rows.map(({ at, actor, type, subject, detail }) => ({
    at,
    actor,
    type,
    subject,
    ...(detail !== null && { detail: JSON.parse(detail) as Record<string, unknown> }),
  }));
}
