import { accountTablesSql } from "@sitebox/core/accounts";
import type { Migration } from "@sitebox/core/storage";

export const accounts: Migration = { number: 2, name: "accounts", sql: accountTablesSql };
