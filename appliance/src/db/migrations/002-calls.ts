import type { Migration } from "@sitebox/core/storage";

export const calls: Migration = {
  number: 2,
  name: "calls",
  sql: `
    create table call (
      id text primary key, channel text not null, caller_number text not null, dialled text not null, state text not null,
      started_at integer not null, answered_at integer, ended_at integer, outcome text, ticket_ids text not null, recording_file text
    ) without rowid;
    create index call_started on call (started_at);
    create table call_moment (
      seq integer primary key, call_id text not null references call (id) on delete cascade, at_ms integer not null, type text not null, text text not null, data text
    );
    create index call_moment_call on call_moment (call_id, seq);
  `,
};
