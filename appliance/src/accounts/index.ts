export { type BoxAccounts, firstAccounts, openBoxAccounts } from "./first-accounts.ts";
