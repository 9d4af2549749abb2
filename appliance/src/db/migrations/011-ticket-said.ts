import type { Migration } from "@sitebox/core/storage";

export const ticketSaid: Migration = {
  number: 11,
  name: "ticket-said",
  sql: `
    alter table ticket add column said text;
  `,
};
