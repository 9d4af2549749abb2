import type { Migration } from "@sitebox/core/storage";

export const plan: Migration = {
  number: 7,
  name: "plan",
  sql: `
    create table listed_number (
      id text primary key, list text not null, number text not null, note text not null, added_by text not null,
      added_at integer not null, expires_at integer
    ) without rowid;
    create table extension_switch (extension text primary key, do_not_disturb integer not null, follow_me text) without rowid;
    create table plan_change (
      seq integer primary key, at integer not null, actor text not null, type text not null, subject text not null, detail text
    );
    create table mailbox_message (
      id text primary key, extension text not null, call_id text, ticket_id text, caller_number text not null,
      audio_file text not null, duration_ms integer not null, left_at integer not null, heard_at integer
    ) without rowid;
    create index mailbox_message_by_extension on mailbox_message (extension, left_at);
  `,
};
