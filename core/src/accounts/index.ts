export {
  AccountError,
  Accounts,
  type AccountsDeps,
  type NewAccount,
  type OneTimePassword,
  openAccounts,
  type Session,
  sessionMs,
} from "./accounts.ts";
export { oneTimePassword, Passwords, type ScryptCost } from "./passwords.ts";
export { type AccountTable, type AccountTables, accountTablesSql, type SessionTable } from "./tables.ts";
export { addressLimits, nameLimits, Throttle, type ThrottleLimits } from "./throttle.ts";
