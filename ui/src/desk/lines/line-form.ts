import { LineConfig } from "@sitebox/core/contract";
import { useI18n } from "vue-i18n";
import { z } from "zod";
import { type Form, type FormOptions, fieldOf, type JsonSchema, openForm } from "../../form/index.ts";

/** The fields of a line, drawn from the contract's own schema: a setting that is added there is in the form. */
export const lineField = fieldOf(z.toJSONSchema(LineConfig, { io: "input" }) as JsonSchema);

/** What few people ever touch. */
export const FOLDED: readonly string[] = [
  "limits",
  "tariffs",
  "atPort",
  "audioPort",
  "profile",
  "roaming",
  "operator",
  "balanceHours",
  "lowBalanceYuan",
  "deliveryReports",
  "contract",
  "gateway.sip",
  "helperSocket",
  "registerSeconds",
  "keepAliveSeconds",
  "outgoingRules",
  "incomingRules",
  "srtp",
  "allowFrom",
  "gateway.ports.id",
  "callerId",
  "hangUp",
  "receiveGainDb",
  "transmitGainDb",
  "echoTaps",
  "replyWord",
  "pollSeconds",
];

/** What is asked of somebody who has plugged in a modem. */
export const FOUND_FIELDS: readonly string[] = ["name", "sim.number", "sim.owner", "sim.purpose"];

/** A form for a line, in the page's language. */
export function useLineForm(options: Pick<FormOptions, "value" | "editing" | "only" | "fixed">): Form {
  const { t, te, locale } = useI18n();
  return openForm({
    schema: LineConfig,
    field: lineField,
    words: "lineForm",
    folded: FOLDED,
    texts: { t: (key, values = {}) => t(key, values), te: (key) => te(key), locale: () => locale.value },
    ...options,
  });
}
