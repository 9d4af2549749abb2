import { type Alarm, type PartHealth, type ProblemIssue, readReason, type UplinkState } from "@sitebox/core/contract";
import type { Refused } from "../client/index.ts";

/** A page's texts, as vue-i18n gives them. */
interface Texts {
  readonly t: (key: string, values?: Record<string, unknown>) => string;
  readonly te: (key: string) => boolean;
}
type About = Readonly<Record<string, string | number>>;

/** Values that are words of the contract, and where the locales have them; `why` is a reason. */
const wordsOf: Readonly<Record<string, (value: string | number) => string>> = {
  fault: (value) => `line.fault.${value}.what`,
  role: (value) => `role.${value}`,
  state: (value) => `ticket.state.${value}`,
  action: (value) => `action.ticket.${value}`,
  uplink: (value) => `told.uplink.${value}`,
};

export interface Told {
  alarm(alarm: Pick<Alarm, "kind" | "about" | "text">): string;
  /** Why a part is unwell, and what to do about it. */
  trouble(part: Pick<PartHealth, "code" | "about" | "reason" | "fix">): {
    readonly what: string | undefined;
    readonly todo: string | undefined;
  };
  /** Why there is no headquarters; nothing where there is one. */
  uplink(uplink: Pick<UplinkState, "fault" | "reason">): string | undefined;
  /** Why something was refused or failed. Words in the locales' part `own` go before: the same means another thing there. */
  refusal(refused: Refused, own?: string): string;
  /** Why a line is down or did not do something, or a text did not arrive; words that are not known stay as they are. */
  reason(reason: string): string;
  /** What is wrong with a field; nothing where only the server's own words say it. */
  issue(issue: ProblemIssue): string | undefined;
}

/**
 * Says in the user's language what a server tells by codes. A server that is newer than the page has codes which the page does not know,
 * and one that is older has none: then its own words are shown, or for refusals those of their fault.
 */
export function toldBy({ t, te }: Texts): Told {
  function worded(name: string, value: string | number): string | number {
    if (name === "why") return reason(String(value));
    const key = wordsOf[name]?.(value);
    return key !== undefined && te(key) ? t(key) : value;
  }
  function say(key: string, about: About = {}): string | undefined {
    const values = Object.entries(about).map(([name, value]) => [name, worded(name, value)] as const);
    return te(key) ? t(key, Object.fromEntries(values)) : undefined;
  }
  function reason(words: string): string {
    const { code, about, detail } = readReason(words) ?? {};
    const what = code === undefined ? undefined : say(`told.reason.${code}`, about);
    if (what === undefined) return words;
    return detail === undefined ? what : t("told.detailed", { what, detail });
  }
  const issue: Told["issue"] = ({ code, about }) => (code === undefined ? undefined : say(`told.issue.${code}`, about));

  return {
    alarm: ({ kind, about, text }) => (kind === undefined ? undefined : say(`told.alarm.${kind}`, about)) ?? text,
    trouble: (part) => ({
      what: say(`told.trouble.${part.code}.what`, part.about) ?? part.reason,
      todo: say(`told.trouble.${part.code}.todo`, part.about) ?? part.fix,
    }),
    uplink: (uplink) => (uplink.fault === undefined ? undefined : say(`told.uplink.${uplink.fault}`)) ?? uplink.reason,
    refusal({ fault, code, about, issues = [] }, own = "fault") {
      const coded = code === undefined ? undefined : (say(`${own}.${code}`, about) ?? say(`told.refusal.${code}`, about));
      const what = coded ?? say(`${own}.${fault}`) ?? say(`fault.${fault}`) ?? t("fault.unexpected");
      const details = [...new Set(issues.flatMap((one) => issue(one) ?? []))];
      return details.length === 0 ? what : t("told.with", { what, details: details.join(t("told.and")) });
    },
    reason,
    issue,
  };
}
