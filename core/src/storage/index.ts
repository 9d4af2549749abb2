export { type Database, openDatabase, type Writing } from "./database.ts";
export type { Migration } from "./migrate.ts";
