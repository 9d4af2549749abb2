import { join } from "node:path";
import { type Database, openDatabase, type Writing } from "@sitebox/core/storage";
import { migrations } from "./migrations/index.ts";
import type { HeadquartersTables } from "./tables.ts";

export { GroupCommit } from "./group-commit.ts";
export type { BoxTable, HeadquartersTables, InboxTable } from "./tables.ts";
export type HeadquartersDatabase = Database<HeadquartersTables>;
export type HeadquartersTransaction = Writing<HeadquartersTables>;

/** Headquarters' one database file. */
export const openHeadquartersDatabase = (dataDir: string): Promise<HeadquartersDatabase> =>
  openDatabase<HeadquartersTables>(join(dataDir, "headquarters.db"), migrations);
