import type { Clock } from "@sitebox/core/kernel";
import type { BoxTransaction } from "../../db/index.ts";

export interface PlanChange {
  /** Who did it: the name of an account, or an extension. */
  readonly actor: string;
  readonly type: "number-listed" | "number-unlisted" | "do-not-disturb" | "follow-me";
  /** What it was done to; a caller's number only masked. */
  readonly subject: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Writes down who changed what, in the transaction of the change. */
export async function recordChange(
  tx: BoxTransaction,
  clock: Clock,
  { actor, type, subject, detail }: PlanChange,
): Promise<void> {
  await tx
    .insertInto("plan_change")
    .values({ at: clock.now(), actor, type, subject, detail: detail === undefined ? null : JSON.stringify(detail) })
    .execute();
}
