import type { LineFault, LinePort, LineWarning, OutsideLine } from "@sitebox/core/contract";
import { useI18n } from "vue-i18n";
import { useTold } from "../../told/index.ts";

export interface Trouble {
  readonly what: string;
  readonly todo: string | undefined;
  /** More precisely; in the words of the far end where only they say it. */
  readonly reason: string | undefined;
}

interface Warned {
  readonly warnings?: readonly LineWarning[] | undefined;
}

type Standing = Pick<OutsideLine, "state" | "fault"> & Warned & { readonly ports?: readonly LinePort[] | undefined };

export type LineTone = "good" | "warn" | "bad" | "quiet";

/** Whether somebody has to see to a port: one without a number is not in use, and one that was switched off is meant to be. */
export const isTroubled = ({ state, number, fault }: LinePort): boolean =>
  state === "down" && number !== undefined && fault !== "switched-off";

/** How a line stands: what people switched off is no trouble. */
export function standingOf({ state, fault, warnings = [], ports = [] }: Standing): {
  readonly tone: LineTone;
  readonly word: "up" | "troubled" | "down" | "starting" | "off";
} {
  if (fault === "switched-off") return { tone: "quiet", word: "off" };
  if (state === "up")
    return fault === undefined && warnings.length === 0 && !ports.some(isTroubled)
      ? { tone: "good", word: "up" }
      : { tone: "warn", word: "troubled" };
  return state === "starting" ? { tone: "warn", word: "starting" } : { tone: "bad", word: "down" };
}

/** Why a line or a port is down, or what wants looking after, in the user's language, and what can be done about it. */
export function useLineWords() {
  const { t } = useI18n();
  const told = useTold();
  const faultWord = (fault: LineFault) => t(`line.fault.${fault}.what`);
  return {
    faultWord,
    warningsOf: ({ warnings = [] }: Warned): readonly Trouble[] =>
      warnings.map((warning) => ({
        what: t(`line.warning.${warning}.what`),
        todo: t(`line.warning.${warning}.todo`),
        reason: undefined,
      })),
    troubleOf({
      state,
      fault,
      reason: words,
    }: {
      state?: string;
      fault?: LineFault | undefined;
      reason?: string | undefined;
    }): Trouble | undefined {
      const reason = words && told.reason(words);
      if (fault !== undefined) return { what: faultWord(fault), todo: t(`line.fault.${fault}.todo`), reason };
      return state === "down" ? { what: t("line.unknownFault"), todo: undefined, reason } : undefined;
    },
  };
}
