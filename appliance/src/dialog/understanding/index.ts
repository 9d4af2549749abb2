export { analyse } from "./analyse.ts";
export type { Analysis, Expecting, Thing } from "./analysis.ts";
export { ACT, ASK, siteIntent, understand } from "./understand.ts";
