export type { BrokerCounters } from "./broker/index.ts";
export { type HeadquartersDatabase, openHeadquartersDatabase } from "./db/index.ts";
export { ClaimError } from "./enrolment/index.ts";
export { type Headquarters, type HeadquartersEvents, type HeadquartersParts, openHeadquarters } from "./hq.ts";
