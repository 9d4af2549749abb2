import type { Migration } from "@sitebox/core/storage";

export const callLegs: Migration = {
  number: 6,
  name: "call legs",
  sql: `
    create table call_leg (
      id text primary key, call_id text not null references call (id) on delete cascade, number text not null, line text,
      direction text not null, started_at integer not null, answered_at integer, ended_at integer, cause text,
      wire_id text, peer text, codec text, secure integer, stats text
    ) without rowid;
    create index call_leg_call on call_leg (call_id, started_at);
    create index call_leg_wire on call_leg (wire_id);
  `,
};
