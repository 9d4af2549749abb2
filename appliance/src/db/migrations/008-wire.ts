import type { Migration } from "@sitebox/core/storage";

export const wire: Migration = {
  number: 8,
  name: "wire",
  sql: `
    create table wire_message (
      seq integer primary key, wire_id text not null, at integer not null, direction text not null, transport text not null,
      local text not null, remote text not null, bytes blob not null
    );
    create index wire_message_by_call on wire_message (wire_id, seq);
    create index wire_message_by_time on wire_message (at);
  `,
};
