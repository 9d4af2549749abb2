export { newBranch, newCallId, newTag } from "./keys.ts";
export { LIFETIME_MS, T1_MS, T2_MS, type TransactionFault } from "./step.ts";
export {
  type ClientUser,
  type ServerTransaction,
  Transactions,
  type TransactionsDeps,
  type TransactionUser,
} from "./transactions.ts";
