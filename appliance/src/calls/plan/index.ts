export type { Action, CallFacts, CallPlan, Decision, Dialled, Dialler, RingStep, Target } from "./decision.ts";
