import type { CallsConfig, Destination, IncomingRule } from "@sitebox/core/contract";
import { type Day, openSchedule, type ScheduleVerdict, SiteCalendar } from "./calendar/index.ts";
import type { CallFacts } from "./decision.ts";
import { type NumberTest, patternTest, spellingsOf } from "./pattern.ts";
import type { Reason, ReasonValue } from "./reasons.ts";

interface CompiledRule {
  readonly position: number;
  readonly rule: IncomingRule;
  readonly dialled: NumberTest;
  readonly caller: NumberTest;
}

const always: NumberTest = () => true;

/** Who answers calls from outside by line, number, caller and time. The first rule that fits decides. */
export class IncomingRules {
  readonly #rules: readonly CompiledRule[];
  readonly #schedules: ReadonlyMap<string, (at: number) => ScheduleVerdict>;

  /** @throws SyntaxError for a bad pattern, RangeError for a time zone that does not exist */
  constructor({ incoming, schedules, calendar }: CallsConfig, timeZone: string) {
    this.#rules = incoming.map((rule, index) => ({
      position: index + 1,
      rule,
      dialled: rule.dialled === undefined ? always : patternTest(rule.dialled),
      caller: rule.caller === undefined ? always : patternTest(rule.caller),
    }));
    const days = new SiteCalendar(calendar);
    this.#schedules = new Map(schedules.map((one) => [one.name, openSchedule(one, days, timeZone)]));
  }

  /** Where a call from outside goes at an instant; undefined where no rule says. */
  destinationOf(call: CallFacts & { readonly line: string }, at: number, because: Reason[]): Destination | undefined {
    for (const { position, rule, dialled, caller } of this.#rules) {
      if (rule.lines && !rule.lines.includes(call.line)) continue;
      if (!spellingsOf(call.dialled).some(dialled) || !spellingsOf(call.caller).some(caller)) continue;
      if (this.#timely(rule, at, because)) {
        because.push({ id: "rule-fits", values: { position } });
        return rule.to;
      }
      because.push({ id: "rule-outside-hours", values: { position } });
    }
    return undefined;
  }

  #timely({ during, outside }: IncomingRule, at: number, because: Reason[]): boolean {
    return (
      (during === undefined || this.#applies(during, at, because)) &&
      (outside === undefined || !this.#applies(outside, at, because))
    );
  }

  #applies(schedule: string, at: number, because: Reason[]): boolean {
    const verdict = this.#schedules.get(schedule)?.(at);
    because.push({ id: verdict?.applies ? "schedule-applies" : "schedule-applies-not", values: { schedule } });
    if (verdict && verdict.day.kind !== "ordinary") because.push(dayReason(verdict.day));
    return verdict?.applies ?? false;
  }
}

function dayReason({ kind, name, source }: Day): Reason {
  const called: ReasonValue =
    name === undefined ? { phrase: "unnamed-day" } : typeof name === "string" ? { phrase: name } : name.own;
  return {
    id: kind === "holiday" ? "day-holiday" : "day-workday",
    values: { name: called, source: { phrase: `source-${source ?? "site"}` } },
  };
}
