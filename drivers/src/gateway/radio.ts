import { signalOf } from "../gsm/modem/index.ts";
import { type Operator, operatorOf } from "../gsm/network/index.ts";
import type { Radio } from "../line/index.ts";

/** As networks themselves write their names. */
const NAMES: Readonly<Record<Operator, string>> = { mobile: "CHINA MOBILE", unicom: "CHINA UNICOM", telecom: "CHINA TELECOM" };
/** It cannot be asked for a balance as the other three. */
const BROADNET = "46015";

/** Whose SIM it is, by its IMSI; undefined for one of another country. */
export function operatorName(imsi: string): string | undefined {
  const operator = operatorOf(imsi);
  if (operator) return NAMES[operator];
  return imsi.startsWith(BROADNET) ? "CHINA BROADNET" : undefined;
}

/** Reception from a signal strength as the gateways tell it, 0 to 31; undefined where it is not known. */
export function radioOf(rssi: number, more: Omit<Radio, "bars" | "dbm"> = {}): Radio | undefined {
  const signal = signalOf(rssi);
  return signal && { ...signal, ...more };
}
