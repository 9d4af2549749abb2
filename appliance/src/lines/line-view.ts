import type { LineConfig, LineLimits, OutsideLine } from "@sitebox/core/contract";

/** The numbers that a line owns, as its configuration says. */
export function numbersOf(config: LineConfig): readonly string[] {
  switch (config.kind) {
    case "sip":
      return config.numbers;
    case "gsm":
      return [config.sim.number];
    case "gateway":
      return config.ports.map(({ sim }) => sim.number);
    case "dahdi":
      return config.ports.flatMap((port) => (port.type === "fxo" ? [port.line.number] : []));
  }
}

/** The SIMs that are in it. */
export function simsOf(config: LineConfig): readonly { readonly number: string; readonly iccid?: string | undefined }[] {
  if (config.kind === "gsm") return [config.sim];
  return config.kind === "gateway" ? config.ports.map(({ sim }) => sim) : [];
}

/** The numbers of the telephones that are plugged into a card. */
export const telephonesOf = (config: LineConfig): readonly string[] =>
  config.kind === "dahdi" ? config.ports.flatMap((port) => (port.type === "fxs" ? [port.extension] : [])) : [];

/** A carrier of `sip.trunks`, as lines are shown. */
export const trunkKind = { kind: "sip", can: { text: false, ussd: false, balance: false } } as const satisfies Pick<
  OutsideLine,
  "kind" | "can"
>;

export type Limits = LineLimits;
