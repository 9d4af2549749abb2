import { type ExtensionSwitchesChange, fieldIssue } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import { WebError } from "@sitebox/core/web";
import { type ExtensionSwitches, listChanges, type NumberLists } from "./calls/lists/index.ts";
import type { SitePlan } from "./calls/plan/index.ts";
import type { BoxDatabase } from "./db/index.ts";
import type { CallSettings } from "./http/index.ts";

interface Deps {
  readonly db: BoxDatabase;
  readonly clock: Clock;
  readonly lists: NumberLists;
  readonly switches: ExtensionSwitches;
  readonly plan: SitePlan;
  /** Every extension of the box, whatever carries it. */
  extensions(): readonly string[];
}

/** What people may see and change of the way of calls. */
export function callSettings({ db, clock, lists, switches, plan, extensions }: Deps): CallSettings {
  const mayFollow = (extension: string, number: string) => number !== extension && plan.targetOf(number, extension) !== undefined;
  return {
    numberRules: () => lists.list(),
    async addNumberRule(draft, by) {
      if ((draft.expiresAt ?? Number.POSITIVE_INFINITY) <= clock.now())
        throw new WebError("entry-over-already", undefined, { issues: [fieldIssue("expiresAt", "instant-over")] });
      return lists.add(draft, by);
    },
    removeNumberRule: (id, by) => lists.remove(id, by),
    async setSwitches(extension: string, change: ExtensionSwitchesChange, by: string) {
      if (!extensions().includes(extension)) throw new WebError("no-such-extension");
      const wrong = (change.followMe ?? []).filter((number) => !mayFollow(extension, number));
      if (wrong.length > 0)
        throw new WebError("follow-me-unfit", undefined, {
          issues: wrong.map((number) => fieldIssue("followMe", "not-dialled-from-there", { number })),
        });
      return switches.set(extension, change, by);
    },
    changes: (limit) => listChanges(db, limit),
    decide: ({ caller, dialled, line, channel, language }) => {
      const { action, because } = plan.explain({ caller, dialled, line, channel }, language);
      return { action: { ...action }, because: [...because] };
    },
  };
}
