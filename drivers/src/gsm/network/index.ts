export { askBalance, askOperator, type BalanceDeps, OPERATOR_UNKNOWN, type OperatorWays } from "./balance.ts";
export { type KeepBalanceDeps, keepBalance } from "./keep-balance.ts";
export { type Operator, type OperatorService, operatorOf, operatorServices } from "./operators.ts";
export { parseBalance } from "./parse-balance.ts";
export { type NetworkDeps, runUssd } from "./ussd.ts";
export { decodeUssd } from "./ussd-text.ts";
