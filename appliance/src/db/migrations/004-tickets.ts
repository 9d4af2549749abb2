import type { Migration } from "@sitebox/core/storage";

export const tickets: Migration = {
  number: 4,
  name: "tickets",
  sql: `
    create table staff (
      id text primary key, name text not null, skills text not null, zones text not null, extension text,
      on_shift integer not null, removed integer not null default 0, last_assigned_at integer not null default 0
    ) without rowid;
    create table ticket_day (day text primary key, last_number integer not null) without rowid;
    create table ticket (
      id text primary key, day text not null, number text not null, state text not null, rev integer not null,
      kind text not null, intent text not null, priority text not null, place text, item text, fault text, quantity integer,
      summary text not null, incomplete integer not null, channel text not null, call_id text, caller_number text, audio_file text,
      staff text references staff (id), opened_at integer not null, updated_at integer not null,
      unique (day, number)
    );
    create index ticket_by_state on ticket (state, opened_at);
    create index ticket_by_staff on ticket (staff, state);
    create index ticket_by_time on ticket (opened_at);
    create table ticket_change (
      ticket text not null references ticket (id) on delete cascade, rev integer not null, type text not null, state text not null,
      at integer not null, actor text not null, staff text, staff_name text, note text, command_id text,
      primary key (ticket, rev)
    ) without rowid;
    create unique index ticket_change_by_command on ticket_change (ticket, command_id) where command_id is not null;
  `,
};
