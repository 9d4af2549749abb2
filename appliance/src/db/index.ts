import { join } from "node:path";
import { type Database, openDatabase, type Writing } from "@sitebox/core/storage";
import { migrations } from "./migrations/index.ts";
import type { BoxTables } from "./tables.ts";

export type {
  BoxTables,
  CallLegTable,
  CallMomentTable,
  CallTable,
  ExtensionSwitchTable,
  LineUseTable,
  ListedNumberTable,
  MailboxMessageTable,
  TextMessageTable,
} from "./tables.ts";
export type BoxDatabase = Database<BoxTables>;
export type BoxTransaction = Writing<BoxTables>;

/** The box's one database file. */
export const databaseFile = (dataDir: string): string => join(dataDir, "box.db");

export const openBoxDatabase = (dataDir: string): Promise<BoxDatabase> =>
  openDatabase<BoxTables>(databaseFile(dataDir), migrations);
