import { createHash, randomBytes, randomUUID } from "node:crypto";
import { type About, Account, type RefusalOf, type Role, refusalOf } from "../contract/index.ts";
import type { Clock, Log } from "../kernel/index.ts";
import type { Database } from "../storage/index.ts";
import { oneTimePassword, Passwords, type ScryptCost } from "./passwords.ts";
import type { AccountTable, AccountTables } from "./tables.ts";
import { addressLimits, nameLimits, Throttle } from "./throttle.ts";

type Fault = "wrong-password" | "too-many-attempts" | "same-password" | "not-found" | "name-taken";

export class AccountError extends Error {
  override name = "AccountError";
  readonly code: RefusalOf<Fault>;
  readonly fault: Fault;
  readonly about: About | undefined;
  /** How long to wait, with "too-many-attempts". */
  readonly retryAfterMs: number | undefined;

  constructor(code: RefusalOf<Fault>, options: { readonly about?: About; readonly retryAfterMs?: number } = {}) {
    const { fault, message } = refusalOf(code, options.about);
    super(message);
    this.code = code;
    this.fault = fault;
    this.about = options.about;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export interface NewAccount {
  readonly name: string;
  readonly displayName: string;
  readonly role: Role;
  readonly staff?: string;
}
/** A password that has to be changed at first use; shown once, kept only as a hash. */
export interface OneTimePassword {
  readonly name: string;
  readonly password: string;
}
export interface Session {
  readonly account: Account;
  /** The secret of the cookie. */
  readonly token: string;
  readonly lastsMs: number;
}

const HOUR_MS = 3_600_000;
/** Sessions slide: each use extends them by this. People in the field keep theirs for a month. */
export const sessionMs = (role: Role): number => (role === "staff" ? 30 * 24 * HOUR_MS : 12 * HOUR_MS);
/** A session's row is rewritten at most this often. */
const TOUCH_MS = 60_000;

export interface AccountsDeps<Tables extends AccountTables> {
  readonly db: Database<Tables>;
  readonly clock: Clock;
  readonly log: Log;
  /** Cheaper hashing for tests. */
  readonly cost?: ScryptCost;
}

const hashOf = (token: string) => createHash("sha256").update(token).digest("hex");

function toAccount(row: AccountTable): Account {
  return Account.parse({
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    role: row.role,
    ...(row.staff !== null && { staff: row.staff }),
    mustChangePassword: row.must_change === 1,
  });
}

/** People, their passwords and their sessions, in any database that has {@link AccountTables}. */
export class Accounts {
  readonly #db: Database<AccountTables>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #passwords: Passwords;
  readonly #byName: Throttle;
  readonly #byAddress: Throttle;

  constructor({ db, clock, log, cost }: AccountsDeps<AccountTables>) {
    this.#db = db;
    this.#clock = clock;
    this.#log = log.child("accounts");
    this.#passwords = new Passwords(cost);
    this.#byName = new Throttle(clock, nameLimits);
    this.#byAddress = new Throttle(clock, addressLimits);
  }

  /** Creates those that are not there yet and returns their one-time passwords, to be shown once. */
  async ensureFirst(wanted: readonly NewAccount[]): Promise<OneTimePassword[]> {
    const names = await this.#db.read((db) => db.selectFrom("account").select("name").execute());
    const known = new Set(names.map(({ name }) => name));
    const created: OneTimePassword[] = [];
    for (const account of wanted) {
      if (known.has(account.name)) continue;
      created.push(await this.create(account));
      known.add(account.name);
    }
    return created;
  }

  /** @throws AccountError "name-taken" */
  async create({ name, displayName, role, staff }: NewAccount): Promise<OneTimePassword> {
    const password = oneTimePassword();
    const hash = await this.#passwords.hash(password);
    await this.#db.transact(async (tx) => {
      const taken = await tx.selectFrom("account").select("id").where("name", "=", name).executeTakeFirst();
      if (taken) throw new AccountError("account-name-taken");
      await tx
        .insertInto("account")
        .values({
          id: randomUUID(),
          name,
          display_name: displayName,
          role,
          staff: staff ?? null,
          password: hash,
          must_change: 1,
          disabled: 0,
          created_at: this.#clock.now(),
        })
        .execute();
    });
    return { name, password };
  }

  async list(): Promise<Account[]> {
    const rows = await this.#db.read((db) =>
      db.selectFrom("account").selectAll().where("disabled", "=", 0).orderBy("name").execute(),
    );
    return rows.map(toAccount);
  }

  /** @throws AccountError "wrong-password" (also for a name that does not exist), "too-many-attempts" with the wait. */
  async login({ name, password, address }: { name: string; password: string; address: string }): Promise<Session> {
    this.#admit(name, address);
    const row = await this.#db.read((db) => db.selectFrom("account").selectAll().where("name", "=", name).executeTakeFirst());
    const right = await this.#passwords.matches(password, row?.password);
    if (!row || !right || row.disabled === 1) {
      this.#log.warn("login refused", { pii: { name, address } });
      throw new AccountError("wrong-login");
    }
    this.#byName.forget(name);
    this.#byAddress.forgive(address);
    const account = toAccount(row);
    const token = randomBytes(32).toString("base64url");
    const now = this.#clock.now();
    const lastsMs = sessionMs(account.role);
    await this.#db.transact(async (tx) => {
      await tx.deleteFrom("session").where("expires_at", "<=", now).execute();
      await tx
        .insertInto("session")
        .values({ token_hash: hashOf(token), account: row.id, created_at: now, seen_at: now, expires_at: now + lastsMs })
        .execute();
    });
    return { account, token, lastsMs };
  }

  /** Ends one session; an unknown token changes nothing. */
  async logout(token: string): Promise<void> {
    await this.#db.transact((tx) => tx.deleteFrom("session").where("token_hash", "=", hashOf(token)).execute());
  }

  /** Whose session it is, as long as it lasts. Each use makes it last longer. */
  async authenticate(token: string): Promise<Account | undefined> {
    const now = this.#clock.now();
    const row = await this.#db.read((db) =>
      db
        .selectFrom("session")
        .innerJoin("account", "account.id", "session.account")
        .selectAll("account")
        .select("session.seen_at")
        .where("session.token_hash", "=", hashOf(token))
        .where("session.expires_at", ">", now)
        .where("account.disabled", "=", 0)
        .executeTakeFirst(),
    );
    if (!row) return undefined;
    const account = toAccount(row);
    if (now - Number(row.seen_at) >= TOUCH_MS)
      await this.#db.transact((tx) =>
        tx
          .updateTable("session")
          .set({ seen_at: now, expires_at: now + sessionMs(account.role) })
          .where("token_hash", "=", hashOf(token))
          .execute(),
      );
    return account;
  }

  /**
   * Sets a new password and ends the person's other sessions; `keep` is the token of the one that asks.
   * @throws AccountError "wrong-password", "same-password", "too-many-attempts", "not-found"
   */
  async changePassword(
    account: Pick<Account, "id" | "name">,
    { current, next }: { current: string; next: string },
    { keep, address }: { keep: string; address: string },
  ): Promise<Account> {
    this.#admit(account.name, address);
    const row = await this.#db.read((db) => db.selectFrom("account").selectAll().where("id", "=", account.id).executeTakeFirst());
    if (!row) throw new AccountError("no-such-account");
    if (!(await this.#passwords.matches(current, row.password))) throw new AccountError("wrong-current-password");
    this.#byName.forget(account.name);
    this.#byAddress.forgive(address);
    if (current === next) throw new AccountError("same-password");
    await this.#setPassword(row.id, await this.#passwords.hash(next), 0, keep);
    return toAccount({ ...row, must_change: 0 });
  }

  /** Gives a new one-time password and ends all sessions of that account. @throws AccountError "not-found" */
  async resetPassword(name: string): Promise<OneTimePassword> {
    const row = await this.#db.read((db) => db.selectFrom("account").select("id").where("name", "=", name).executeTakeFirst());
    if (!row) throw new AccountError("no-such-account");
    const password = oneTimePassword();
    await this.#setPassword(row.id, await this.#passwords.hash(password), 1);
    this.#byName.forget(name);
    return { name, password };
  }

  /** Shuts an account (its sessions end at once) or opens it again. @throws AccountError "not-found" */
  async setDisabled(name: string, disabled: boolean): Promise<void> {
    await this.#db.transact(async (tx) => {
      const row = await tx.selectFrom("account").select("id").where("name", "=", name).executeTakeFirst();
      if (!row) throw new AccountError("no-such-account");
      await tx
        .updateTable("account")
        .set({ disabled: disabled ? 1 : 0 })
        .where("id", "=", row.id)
        .execute();
      if (disabled) await tx.deleteFrom("session").where("account", "=", row.id).execute();
    });
  }

  #admit(name: string, address: string): void {
    const waitMs = Math.max(this.#byName.waitMs(name), this.#byAddress.waitMs(address));
    if (waitMs > 0)
      throw new AccountError("too-many-attempts", { retryAfterMs: waitMs, about: { seconds: Math.ceil(waitMs / 1_000) } });
    this.#byName.count(name);
    this.#byAddress.count(address);
  }

  async #setPassword(id: string, password: string, mustChange: 0 | 1, keep?: string): Promise<void> {
    await this.#db.transact(async (tx) => {
      await tx.updateTable("account").set({ password, must_change: mustChange }).where("id", "=", id).execute();
      const others = tx.deleteFrom("session").where("account", "=", id);
      await (keep === undefined ? others : others.where("token_hash", "!=", hashOf(keep))).execute();
    });
  }
}

/** Accounts over a database that has their tables among others. */
export function openAccounts<Tables extends AccountTables>(deps: AccountsDeps<Tables>): Accounts {
  // Kysely's types do not let a database with more tables stand for one with fewer; its queries name tables, so it can.
  return new Accounts({ ...deps, db: deps.db as unknown as Database<AccountTables> });
}
