import { type ConfiguredLine, LineConfig, type LineKind } from "@sitebox/core/contract";
import { useI18n } from "vue-i18n";
import { z } from "zod";
import { type Field, type Form, type FormOptions, fieldOf, type JsonSchema, openForm } from "../../form/index.ts";
import { freeName } from "../../kit/index.ts";

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
  "gateway.ports.sim.iccid",
  "callerId",
  "hangUp",
  "receiveGainDb",
  "transmitGainDb",
  "echoTaps",
  "replyWord",
  "pollSeconds",
];

/** What is asked of somebody who has plugged in a modem. */
export const FOUND_FIELDS: readonly string[] = ["sim.number", "sim.owner", "sim.purpose", "name"];

/** What lines of each kind are called unless somebody calls them otherwise. */
const PREFIX: Readonly<Record<LineKind, string>> = { sip: "sip", gsm: "gsm", gateway: "gateway", dahdi: "card" };

/** How a new line of each kind begins: with a name that no other has. */
export const newLines = (taken: readonly string[]): readonly { readonly kind: string; readonly name: string }[] =>
  Object.entries(PREFIX).map(([kind, prefix]) => ({ kind, name: freeName(prefix, taken) }));

/** Whom the site's numbers are registered to and what they are used for: mostly the same as last time. */
export function registrations(lines: readonly ConfiguredLine[]): Readonly<Record<"owner" | "purpose", readonly string[]>> {
  const stated = { owner: new Set<string>(), purpose: new Set<string>() };
  const look = (value: unknown, name = "") => {
    if (typeof value === "string" && (name === "owner" || name === "purpose")) stated[name].add(value);
    if (typeof value === "object" && value !== null) for (const [key, one] of Object.entries(value)) look(one, key);
  };
  look(lines.map(({ config }) => config));
  return { owner: [...stated.owner], purpose: [...stated.purpose] };
}

/** The ports of one device: one after the other, each with a SIM or a telephone of its own. */
const PORTS = {
  lists: ["ports"],
  counted: ["port", "channel", "extension"],
  own: ["number", "iccid", "id", "operator"],
  shared: ["owner", "purpose"],
} as const;

const Made = z.object({ kind: z.literal("gateway"), maker: z.string() });

/** How the chosen maker counts its ports (docs/gateways.md); nothing for other fields, or before a maker is chosen. */
export function countingOf({ path }: Pick<Field, "path">, typed: unknown): string | undefined {
  const made = path === "gateway.ports" ? Made.safeParse(typed).data : undefined;
  return made && `line.port.counting.${made.maker}`;
}

/** A form for a line, in the page's language. */
export function useLineForm(options: Pick<FormOptions, "value" | "starts" | "editing" | "only" | "fixed" | "suggestions">): Form {
  const { t, te, locale } = useI18n();
  return openForm({
    schema: LineConfig,
    field: lineField,
    words: "lineForm",
    folded: FOLDED,
    series: PORTS,
    help(field, typed) {
      const key = countingOf(field, typed);
      return key === undefined || !te(key) ? undefined : t(key);
    },
    texts: { t: (key, values = {}) => t(key, values), te: (key) => te(key), locale: () => locale.value },
    ...options,
  });
}
