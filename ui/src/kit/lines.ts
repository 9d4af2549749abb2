import type { FoundDevice, LineFault, LinePort, LineQuality } from "@sitebox/core/contract";

/** Of the calls that we dialled, how many were answered, in whole percent; nothing where none was dialled. */
export const answerRate = ({ callsOut, answered }: Pick<LineQuality, "callsOut" | "answered">): number | undefined =>
  callsOut === 0 ? undefined : Math.round((100 * answered) / callsOut);

/** "¥6.40", as it is written where the reader is. */
export const yuan = (amount: number, locale: string): string =>
  new Intl.NumberFormat(locale, { style: "currency", currency: "CNY", currencyDisplay: "narrowSymbol" }).format(amount);

/** Minutes as they are told: by the hour where there are many. */
export const minutesOf = (minutes: number): { readonly unit: "minutes" | "hours"; readonly count: number } =>
  minutes < 180 ? { unit: "minutes", count: Math.round(minutes) } : { unit: "hours", count: Math.round(minutes / 6) / 10 };

/** How many ports are in which state. */
export function portTotals(ports: readonly LinePort[]): Readonly<Record<LinePort["state"], number>> {
  const totals = { idle: 0, busy: 0, down: 0 };
  for (const { state } of ports) totals[state]++;
  return totals;
}

/** The first of "gsm-1", "gsm-2" … that no line is called yet. */
export function freeName(prefix: string, taken: readonly string[]): string {
  let nth = 1;
  while (taken.includes(`${prefix}-${nth}`)) nth++;
  return `${prefix}-${nth}`;
}

/** Faults that pass, or that its settings cure; with any other the device is of no use before somebody has seen to it. */
const CURABLE: readonly LineFault[] = ["pin-needed", "searching"];

export const isUsable = ({ fault }: Pick<FoundDevice, "fault">): boolean => fault === undefined || CURABLE.includes(fault);

/**
 * How far a found modem can be held to a registration: "asking" until it has said anything, "any-modem" and "any-sim" where it does not tell its
 * IMEI or its ICCID, so that the line would run with any modem, or with the first SIM that tells it.
 */
export function identityOf({ imei, iccid, operator, fault }: FoundDevice): "asking" | "any-modem" | "any-sim" | "known" {
  if (imei === undefined && iccid === undefined && operator === undefined && fault === undefined) return "asking";
  if (imei === undefined) return "any-modem";
  return iccid === undefined ? "any-sim" : "known";
}

/** What is known of a found modem, as its line's settings: it is found again by its IMEI, or by its socket where that is not known. */
export function settingsOf(device: FoundDevice, taken: readonly string[]): Record<string, unknown> {
  const { imei, usbPath, profile, number, iccid } = device;
  return {
    kind: "gsm",
    name: freeName("gsm", taken),
    profile,
    sim: { ...(number !== undefined && { number }), ...(iccid !== undefined && { iccid }) },
    ...(imei === undefined ? { usbPath } : { imei }),
  };
}

/** The basic set of 3GPP TS 23.038 §6.2.1, and what takes two places of it (§6.2.1.1). */
const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENDED = "\f^{}\\[~]|€";

/** How many messages a text becomes when it is sent (3GPP TS 23.040 §9.2.3.24.1). */
export function textParts(text: string): number {
  if (text === "") return 0;
  const letters = [...text];
  if (letters.every((letter) => BASIC.includes(letter) || EXTENDED.includes(letter))) {
    const places = letters.reduce((sum, letter) => sum + (EXTENDED.includes(letter) ? 2 : 1), 0);
    return places <= 160 ? 1 : Math.ceil(places / 153);
  }
  return text.length <= 70 ? 1 : Math.ceil(text.length / 67);
}
