import type { Migration } from "@sitebox/core/storage";

export const lines: Migration = {
  number: 9,
  name: "lines",
  sql: `
    create table line_config (name text primary key, config text not null, added_at integer not null);
    create table line_switched_off (name text primary key);
    create table line_use (
      line text primary key, hour integer not null, calls integer not null, day text not null, call_ms integer not null,
      texts integer not null, minute integer not null, minute_texts integer not null, call_ended_at integer
    );
    create table line_outage (seq integer primary key, line text not null, from_at integer not null, until_at integer);
    create index line_outage_by_time on line_outage (from_at);
    create index call_leg_by_time on call_leg (started_at);

    create table text_message (
      seq integer primary key, id text not null unique, line text not null, port integer, wire_id text, direction text not null, number text not null, text text not null,
      state text not null, reason text, purpose text not null, at integer not null, handled integer not null,
      attempts integer not null, next_at integer, settled_at integer, reference text, ticket_id text
    );
    create unique index text_message_by_wire on text_message (line, wire_id) where wire_id is not null;
    create index text_message_by_time on text_message (at);
    create index text_message_by_number on text_message (number, at);
    create index text_message_by_state on text_message (state, next_at);
    create index text_message_unhandled on text_message (at) where handled = 0;
    create table text_question (number text primary key, line text not null, port integer, text text not null, asked_at integer not null);
    create table text_refusal (number text primary key, at integer not null);
  `,
};
