import type { HeadquartersTransaction } from "../db/index.ts";

export interface DeadLetter {
  readonly at: number;
  readonly box: string;
  /** Where it came from: a topic, or a stream with its number. */
  readonly source: string;
  readonly reason: string;
  readonly payload: string;
}

const longestReason = 500;
const longestPayload = 16_384;
/** The oldest go first: a confused box cannot fill the disk. */
const mostKept = 10_000;

/** Puts what cannot be used aside for a person, so that it never holds up what comes after it. */
export async function bury(tx: HeadquartersTransaction, letter: DeadLetter): Promise<void> {
  const { id } = await tx
    .insertInto("dead")
    .values({
      at: letter.at,
      box: letter.box,
      source: letter.source,
      reason: letter.reason.slice(0, longestReason),
      payload: letter.payload.slice(0, longestPayload),
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  await tx
    .deleteFrom("dead")
    .where("id", "<=", id - mostKept)
    .execute();
}
