import type { Migration } from "@sitebox/core/storage";

export const sync: Migration = {
  number: 1,
  name: "sync",
  sql: `
    create table setting (key text primary key, value text not null) without rowid;
    create table outbox (
      stream text not null, seq integer not null, id text not null unique, agg text not null, rev integer not null,
      wall integer not null, mono real not null, ttl_ms integer, bytes integer not null, body text not null,
      primary key (stream, seq)
    ) without rowid;
    create table cursor (stream text primary key, last_seq integer not null, acked_seq integer not null) without rowid;
    create table inbox (id text primary key, result text not null, done_at integer not null) without rowid;
  `,
};
