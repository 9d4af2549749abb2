import type { Migration } from "@sitebox/core/storage";

export const lineChanges: Migration = {
  number: 13,
  name: "line-changes",
  sql: `
    create table line_change (
      seq integer primary key, at integer not null, actor text not null, line text not null, before text, after text
    );
    create index line_change_by_line on line_change (line, seq);
  `,
};
