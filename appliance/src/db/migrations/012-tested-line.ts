import type { Migration } from "@sitebox/core/storage";

export const testedLine: Migration = {
  number: 12,
  name: "tested line",
  sql: "alter table call add column tested_line text;",
};
