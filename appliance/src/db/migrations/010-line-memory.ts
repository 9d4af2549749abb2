import type { Migration } from "@sitebox/core/storage";

export const lineMemory: Migration = {
  number: 10,
  name: "line-memory",
  sql: `
    create table self_call (line text not null, number text not null, result text not null, primary key (line, number));
    create table awaited_report (
      line text not null, reference text not null, number text not null, parts text not null, told integer not null, at integer not null,
      primary key (line, reference)
    );
    create index awaited_report_by_time on awaited_report (line, at);
  `,
};
