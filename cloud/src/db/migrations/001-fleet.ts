import type { Migration } from "@sitebox/core/storage";

export const fleet: Migration = {
  number: 1,
  name: "fleet",
  sql: `
    create table box (
      box text primary key, site_name text not null, software text not null, enrolled_at integer not null,
      certificate_serial text not null, certificate_expires_at integer not null, key_fingerprint text not null,
      online integer not null, since integer not null, last_heard_at integer, boot text, birth_since integer
    );
    create table claim (
      key_fingerprint text primary key, code text not null unique, box text not null, site_name text not null, csr text not null,
      asked_at integer not null, certificate text, accepted_at integer, accepted_by text
    );
    create table revoked (serial text primary key, revoked_at integer not null, reason text not null);
    create table stream (
      id integer primary key, box text not null, stream text not null, epoch text not null, upto integer not null,
      unique (box, stream, epoch)
    );
    create table inbox (
      box text not null, stream text not null, epoch text not null, seq integer not null, from_seq integer not null, id text not null,
      agg text not null, rev integer not null, wall integer not null, hist integer not null, received_at integer not null, body text not null,
      primary key (box, stream, epoch, seq)
    );
    create table dead (id integer primary key, at integer not null, box text not null, source text not null, reason text not null, payload text not null);
    create table fleet_ticket (
      box text not null, id text not null, rev integer not null, active integer not null, updated_at integer not null, body text not null,
      primary key (box, id)
    );
    create index fleet_ticket_updated on fleet_ticket (updated_at);
    create index fleet_ticket_active on fleet_ticket (box, active);
    create table fleet_ticket_change (
      box text not null, ticket text not null, rev integer not null, received_at integer not null, body text not null,
      primary key (box, ticket, rev)
    );
    create table fleet_call (box text not null, id text not null, started_at integer not null, body text not null, primary key (box, id));
    create index fleet_call_started on fleet_call (box, started_at);
    create table metric (box text not null, at integer not null, body text not null, primary key (box, at));
    create table alarm (
      box text not null, code text not null, at integer not null, active integer not null, body text not null, primary key (box, code)
    );
    create table missing (
      box text not null, stream text not null, epoch text not null, from_seq integer not null, to_seq integer not null, reason text not null,
      received_at integer not null, primary key (box, stream, epoch, from_seq, to_seq)
    );
  `,
};
