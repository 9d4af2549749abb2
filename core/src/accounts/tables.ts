/** People who may log in. */
export interface AccountTable {
  id: string;
  name: string;
  display_name: string;
  role: string;
  staff: string | null;
  password: string;
  must_change: number;
  disabled: number;
  created_at: number;
}
/** Who is logged in. A stolen database gives no session away: only hashes of tokens are kept. */
export interface SessionTable {
  token_hash: string;
  account: string;
  created_at: number;
  seen_at: number;
  expires_at: number;
}

export interface AccountTables {
  account: AccountTable;
  session: SessionTable;
}

/** For a numbered migration of the database that holds them; plain enough for SQLite and PostgreSQL. */
export const accountTablesSql = `
  create table account (
    id text primary key, name text not null unique, display_name text not null, role text not null, staff text,
    password text not null, must_change integer not null, disabled integer not null default 0, created_at bigint not null
  );
  create table session (
    token_hash text primary key, account text not null references account (id) on delete cascade,
    created_at bigint not null, seen_at bigint not null, expires_at bigint not null
  );
  create index session_by_account on session (account);
`;
