const QUARTER_MS = 15 * 60_000;

const swapped = (octet: number) => (octet & 0xf) * 10 + (octet >> 4);
const swap = (value: number) => ((value % 10) << 4) | Math.floor(value / 10);

/**
 * TP-SCTS and TP-DT (TS 23.040 §9.2.3.11): seven octets of local time with its zone in quarters of an hour, whose sign is bit 3.
 * Epoch ms, or undefined where they are no time, as some networks fill them with anything.
 */
export function decodeTimestamp(octets: Uint8Array): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = [...octets.subarray(0, 6)].map(swapped);
  if ([...octets.subarray(0, 6)].some((octet) => (octet & 0xf) > 9 || octet >> 4 > 9)) return undefined;
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return undefined;
  const zone = octets[6] ?? 0;
  const quarters = (zone & 0x7) * 10 + (zone >> 4);
  const offsetMs = (zone & 0x8 ? -quarters : quarters) * QUARTER_MS;
  return Date.UTC(year < 90 ? 2000 + year : 1900 + year, month - 1, day, hour, minute, second) - offsetMs;
}

/** `at` in epoch ms, cut to whole seconds; `zoneMinutes` east of Greenwich, in steps of 15. */
export function encodeTimestamp(at: number, zoneMinutes = 480): Uint8Array {
  const local = new Date(at + zoneMinutes * 60_000);
  const quarters = Math.abs(Math.round(zoneMinutes / 15));
  return Uint8Array.from([
    swap(local.getUTCFullYear() % 100),
    swap(local.getUTCMonth() + 1),
    swap(local.getUTCDate()),
    swap(local.getUTCHours()),
    swap(local.getUTCMinutes()),
    swap(local.getUTCSeconds()),
    swap(quarters) | (zoneMinutes < 0 ? 0x08 : 0),
  ]);
}

const HOUR = 60;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** TP-VP, relative (§9.2.3.12.1): the shortest that is not below `minutes`. */
export function encodeValidity(minutes: number): number {
  if (minutes <= 12 * HOUR) return Math.max(1, Math.ceil(minutes / 5)) - 1;
  if (minutes <= DAY) return 143 + Math.ceil((minutes - 12 * HOUR) / 30);
  if (minutes <= 30 * DAY) return 166 + Math.max(2, Math.ceil(minutes / DAY));
  return 192 + Math.min(63, Math.max(5, Math.ceil(minutes / WEEK)));
}

/** Minutes. */
export function decodeValidity(octet: number): number {
  if (octet <= 143) return (octet + 1) * 5;
  if (octet <= 167) return 12 * HOUR + (octet - 143) * 30;
  if (octet <= 196) return (octet - 166) * DAY;
  return (octet - 192) * WEEK;
}
