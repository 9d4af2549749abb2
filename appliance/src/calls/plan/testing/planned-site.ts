import { BoxConfig, CallsConfig, SiteConfig } from "@sitebox/core/contract";
import { VirtualClock } from "@sitebox/core/testing";
import { type CallerLists, type CallFacts, openCallPlan, type PlanConfig, type SitePlan, type Switches } from "../index.ts";

type CallsInput = Parameters<typeof CallsConfig.parse>[0];

/** A Monday at noon in Beijing. */
export const MONDAY_NOON = Date.parse("2026-03-02T12:00:00+08:00");

const EXTENSIONS = ["8001", "8002", "8003", "8806"];

/** A hotel with four extensions, one of them room 806, a carrier and a gateway. */
export const planConfig = (calls: unknown = {}): PlanConfig => ({
  calls: CallsConfig.parse(calls as CallsInput),
  site: SiteConfig.parse({ name: "示范酒店", roomExtensions: { "8806": "806" } }),
  sip: BoxConfig.shape.sip.parse({
    extensions: EXTENSIONS.map((number) => ({ number, password: `${number}-secret` })),
    trunks: [
      { name: "carrier", host: "carrier.example" },
      { name: "gateway", host: "gateway.example" },
    ],
  }),
});

export interface PlannedSite {
  readonly plan: SitePlan;
  readonly clock: VirtualClock;
  /** Extensions that do not want to be disturbed. */
  readonly disturbNot: Set<string>;
  readonly followMe: Map<string, readonly string[]>;
  readonly verdicts: Map<string, "white" | "black">;
  /** Numbers of telephones that are plugged into cards. */
  readonly telephones: Set<string>;
}

/** A plan over switches and lists that the test sets. */
export function plannedSite(calls: unknown = {}, at = MONDAY_NOON): PlannedSite {
  const clock = new VirtualClock(at);
  const disturbNot = new Set<string>();
  const followMe = new Map<string, readonly string[]>();
  const verdicts = new Map<string, "white" | "black">();
  const telephones = new Set<string>();
  const switches: Switches = {
    of: (number) => ({ doNotDisturb: disturbNot.has(number), followMe: followMe.get(number) }),
  };
  const lists: CallerLists = {
    verdictOn: (caller) => {
      const list = verdicts.get(caller);
      return list && { list, rule: "test" };
    },
  };
  return {
    plan: openCallPlan(planConfig(calls), {
      ...{ clock, switches, lists, language: "en" },
      beside: { extensions: () => [...telephones] },
    }),
    clock,
    disturbNot,
    followMe,
    verdicts,
    telephones,
  };
}

export const fromExtension = (caller: string, dialled: string): CallFacts => ({
  line: undefined,
  caller,
  dialled,
  channel: "phone",
});
export const fromLine = (dialled: string, caller = "13800138000", line = "carrier"): CallFacts => ({
  line,
  caller,
  dialled,
  channel: "phone",
});
