import type { CallMoment } from "@sitebox/core/contract";
import { useI18n } from "vue-i18n";
import { momentTag, momentText } from "../kit/index.ts";
import { useTold } from "../told/index.ts";

/** What a line of a call's timeline says, and what kind of line it is, in the user's language. */
export function useMomentWords() {
  const { t, te } = useI18n();
  const told = useTold();
  const outcome = (reason: string) => (te(`call.note.${reason}`) ? t(`call.note.${reason}`) : told.reason(reason));
  return {
    tag: (moment: CallMoment): string => t(momentTag(moment)),
    words(moment: CallMoment): string {
      const said = momentText(moment);
      if (said.type === "silence") return t("call.silence");
      if (said.type === "words") return said.text;
      const { reason, ...values } = said.values ?? {};
      return te(said.key)
        ? t(said.key, { ...values, ...(reason !== undefined && { reason: outcome(reason) }) })
        : told.reason(said.text);
    },
  };
}
