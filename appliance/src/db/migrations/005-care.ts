import type { Migration } from "@sitebox/core/storage";

export const care: Migration = {
  number: 5,
  name: "care",
  sql: `
    create table metric_sample (at integer primary key, sample text not null);
    create table alarm (code text primary key, alarm text not null, rev integer not null) without rowid;
    create table deletion_receipt (seq integer primary key, at integer not null, receipt text not null);
  `,
};
