export { fromExtension, fromLine, MONDAY_NOON, type PlannedSite, planConfig, plannedSite } from "./planned-site.ts";
