import type { NewAccount } from "@sitebox/core/accounts";
import type { SiteConfig } from "@sitebox/core/contract";

/** Who can log in after the first start: somebody to set up, somebody at the desk, and each member of the staff by their id. */
export function firstAccounts(site: Pick<SiteConfig, "staff">): NewAccount[] {
  return [
    { name: "admin", displayName: "管理员", role: "admin" },
    { name: "desk", displayName: "前台", role: "agent" },
    ...site.staff.map(({ id, name }): NewAccount => ({ name: id, displayName: name, role: "staff", staff: id })),
  ];
}
