export { firstAccounts } from "./first-accounts.ts";
