export { type HolidayNotice, notices, type StatutoryHoliday, statutoryHolidays } from "./calendar/index.ts";
export { type BesideSip, checkCalls, type PlanIssue, planIssues } from "./check.ts";
export type {
  Action,
  CallFacts,
  CallPlan,
  Decision,
  Dialled,
  Dialler,
  Ending,
  LineListeners,
  RingStep,
  Target,
} from "./decision.ts";
export type { ReasonLanguage } from "./locales/index.ts";
export type { Numbers, Way } from "./numbers.ts";
export { type NumberTest, patternTest, spellingsOf } from "./pattern.ts";
export { type CallerLists, type CallPlanDeps, openCallPlan, type PlanConfig, type SitePlan } from "./plan.ts";
export type { Switches } from "./rings.ts";
