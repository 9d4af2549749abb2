import { type Accounts, type AccountsDeps, type NewAccount, type OneTimePassword, openAccounts } from "@sitebox/core/accounts";
import type { SiteConfig } from "@sitebox/core/contract";
import type { BoxTables } from "../db/index.ts";

/** Who can log in after the first start: somebody to set up, somebody at the desk, and each member of the staff by their id. */
export function firstAccounts(site: Pick<SiteConfig, "staff">): NewAccount[] {
  return [
    { name: "admin", displayName: "管理员", role: "admin" },
    { name: "agent", displayName: "前台", role: "agent" },
    ...site.staff.map(({ id, name }): NewAccount => ({ name: id, displayName: name, role: "staff", staff: id })),
  ];
}

export interface BoxAccounts {
  readonly accounts: Accounts;
  /** To be shown to whoever starts the box, now and never again. */
  readonly created: OneTimePassword[];
}

/** Opens the box's accounts in line with its staff: new members get one, who has left is shut out. */
export async function openBoxAccounts(
  deps: AccountsDeps<BoxTables> & { readonly site: Pick<SiteConfig, "staff"> },
): Promise<BoxAccounts> {
  const accounts = openAccounts(deps);
  const wanted = firstAccounts(deps.site);
  const created = await accounts.ensureFirst(wanted);
  for (const { name } of wanted) await accounts.setDisabled(name, false);
  const staff = new Set(deps.site.staff.map(({ id }) => id));
  for (const account of await accounts.list())
    if (account.staff !== undefined && !staff.has(account.staff)) await accounts.setDisabled(account.name, true);
  return { accounts, created };
}
