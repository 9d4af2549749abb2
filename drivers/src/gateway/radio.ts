import type { Radio } from "../line/index.ts";

/** Mobile networks of China by the first five digits of a SIM's IMSI (ITU-T E.212), as networks themselves write their names. */
const OPERATORS: Readonly<Record<string, string>> = {
  "46000": "CHINA MOBILE",
  "46002": "CHINA MOBILE",
  "46004": "CHINA MOBILE",
  "46007": "CHINA MOBILE",
  "46008": "CHINA MOBILE",
  "46001": "CHINA UNICOM",
  "46006": "CHINA UNICOM",
  "46009": "CHINA UNICOM",
  "46003": "CHINA TELECOM",
  "46005": "CHINA TELECOM",
  "46011": "CHINA TELECOM",
  "46012": "CHINA TELECOM",
  "46015": "CHINA BROADNET",
};

/** Whose SIM it is; undefined for one of another country. */
export const operatorOf = (imsi: string): string | undefined => OPERATORS[imsi.slice(0, 5)];

/** Reception from a received signal strength indication of 0 to 31 (3GPP TS 27.007 §8.5); undefined where it is not known. */
export function radioOf(rssi: number, more: Omit<Radio, "bars" | "dbm"> = {}): Radio | undefined {
  if (!Number.isInteger(rssi) || rssi < 0 || rssi > 31) return undefined;
  const bars = [2, 5, 10, 15, 20].filter((least) => rssi >= least).length;
  return { bars, dbm: -113 + 2 * rssi, ...more };
}
