import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { silentLog } from "../kernel/index.ts";
import { openDatabase } from "../storage/index.ts";
import { VirtualClock } from "../testing/index.ts";
import { type AccountTables, accountTablesSql, openAccounts, sessionMs } from "./index.ts";

const cost = { log2N: 10, r: 8, p: 1 };
const admin = { name: "admin", displayName: "管理员", role: "admin" } as const;
const li = { name: "li", displayName: "李师傅", role: "staff", staff: "li" } as const;
const address = "192.0.2.1";

async function open() {
  const file = join(await mkdtemp(join(tmpdir(), "sitebox-accounts-")), "a.db");
  const db = await openDatabase<AccountTables>(file, [{ number: 1, name: "accounts", sql: accountTablesSql }]);
  const clock = new VirtualClock();
  const accounts = openAccounts({ db, clock, log: silentLog, cost });
  return { db, clock, accounts, [Symbol.asyncDispose]: () => db[Symbol.asyncDispose]() };
}

async function openWithAdmin() {
  const opened = await open();
  const [first] = await opened.accounts.ensureFirst([admin]);
  if (!first) throw new Error("no first account");
  return { ...opened, first };
}

test("the first start creates each account once, with a one-time password that is kept only as a hash", async () => {
  await using site = await open();
  const created = await site.accounts.ensureFirst([admin, li]);
  expect(created.map(({ name }) => name)).toEqual(["admin", "li"]);
  expect(await site.accounts.ensureFirst([admin, li])).toEqual([]);
  const rows = await site.db.read((db) => db.selectFrom("account").selectAll().execute());
  for (const { password } of created) expect(JSON.stringify(rows)).not.toContain(password);
  expect(await site.accounts.list()).toMatchObject([{ name: "admin", mustChangePassword: true }, { staff: "li" }]);
});

test("a login gives a session until logout", async () => {
  await using site = await openWithAdmin();
  const { token, account } = await site.accounts.login({ ...site.first, address });
  expect(await site.accounts.authenticate(token)).toEqual(account);
  await site.accounts.logout(token);
  expect(await site.accounts.authenticate(token)).toBeUndefined();
});

test("a session slides with use and ends without", async () => {
  await using site = await openWithAdmin();
  const { token } = await site.accounts.login({ ...site.first, address });
  for (let day = 0; day < 3; day++) {
    await site.clock.advance(sessionMs("admin") - 1);
    expect(await site.accounts.authenticate(token)).toBeDefined();
  }
  await site.clock.advance(sessionMs("admin"));
  expect(await site.accounts.authenticate(token)).toBeUndefined();
});

test("a wrong password and a name that does not exist look the same", async () => {
  await using site = await openWithAdmin();
  for (const name of ["admin", "nobody"])
    await expect(site.accounts.login({ name, password: "guess", address })).rejects.toMatchObject({ fault: "wrong-password" });
});

test("guessing a name's password is slowed down, and the wait is told", async () => {
  await using site = await openWithAdmin();
  for (let i = 0; i < 5; i++)
    await expect(site.accounts.login({ name: "admin", password: "guess", address: `192.0.2.${i}` })).rejects.toMatchObject({
      fault: "wrong-password",
    });
  const refused = site.accounts.login({ ...site.first, address });
  await expect(refused).rejects.toMatchObject({ fault: "too-many-attempts", retryAfterMs: 2_000 });
  await site.clock.advance(2_000);
  expect(await site.accounts.login({ ...site.first, address })).toBeDefined();
});

test("guesses sent all at once do not slip past the limit", async () => {
  await using site = await openWithAdmin();
  const guesses = await Promise.allSettled(
    Array.from({ length: 50 }, () => site.accounts.login({ name: "admin", password: "guess", address })),
  );
  const faults = guesses.map((guess) => guess.status === "rejected" && (guess.reason as { fault: string }).fault);
  expect(faults.filter((fault) => fault === "wrong-password")).toHaveLength(5);
});

test("an address that tries many names is slowed down", async () => {
  await using site = await openWithAdmin();
  for (let i = 0; i < 20; i++)
    await site.accounts.login({ name: `name-${i}`, password: "guess", address }).catch((error: unknown) => error);
  await expect(site.accounts.login({ ...site.first, address })).rejects.toMatchObject({ fault: "too-many-attempts" });
  expect(await site.accounts.login({ ...site.first, address: "192.0.2.9" })).toBeDefined();
});

test("a new password ends the other sessions, not the one that set it", async () => {
  await using site = await openWithAdmin();
  const here = await site.accounts.login({ ...site.first, address });
  const there = await site.accounts.login({ ...site.first, address });
  const change = { current: site.first.password, next: "correct horse" };
  const account = await site.accounts.changePassword(here.account, change, { keep: here.token, address });
  expect(account.mustChangePassword).toBe(false);
  expect(await site.accounts.authenticate(here.token)).toEqual(account);
  expect(await site.accounts.authenticate(there.token)).toBeUndefined();
  expect(await site.accounts.login({ name: "admin", password: "correct horse", address })).toBeDefined();
});

test("a password is changed only with the current one, and to another", async () => {
  await using site = await openWithAdmin();
  const { account, token } = await site.accounts.login({ ...site.first, address });
  const change = (current: string, next: string) =>
    site.accounts.changePassword(account, { current, next }, { keep: token, address });
  await expect(change("guess", "correct horse")).rejects.toMatchObject({ fault: "wrong-password" });
  await expect(change(site.first.password, site.first.password)).rejects.toMatchObject({ fault: "same-password" });
});

test("a reset gives a new one-time password and ends every session", async () => {
  await using site = await openWithAdmin();
  const { token } = await site.accounts.login({ ...site.first, address });
  const again = await site.accounts.resetPassword("admin");
  expect(await site.accounts.authenticate(token)).toBeUndefined();
  expect((await site.accounts.login({ ...again, address })).account.mustChangePassword).toBe(true);
  await expect(site.accounts.resetPassword("nobody")).rejects.toMatchObject({ fault: "not-found" });
});

test("a shut account is out at once and cannot come back in", async () => {
  await using site = await openWithAdmin();
  const { token } = await site.accounts.login({ ...site.first, address });
  await site.accounts.setDisabled("admin", true);
  expect(await site.accounts.authenticate(token)).toBeUndefined();
  await expect(site.accounts.login({ ...site.first, address })).rejects.toMatchObject({ fault: "wrong-password" });
  await site.accounts.setDisabled("admin", false);
  expect(await site.accounts.login({ ...site.first, address })).toBeDefined();
});

test("a name is given once", async () => {
  await using site = await openWithAdmin();
  await expect(site.accounts.create(admin)).rejects.toMatchObject({ fault: "name-taken" });
});
