import { addDays, daysOf, type IsoDate, isoDate } from "./dates.ts";
import type { HolidayName } from "./notices.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
/** The Chinese calendar is reckoned in Beijing time, wherever the site is. */
const BEIJING_MS = 480 * MINUTE_MS;
const QINGMING_DEGREES = 15;

const chinese = new Intl.DateTimeFormat("en-u-ca-chinese", { timeZone: "UTC", month: "numeric", day: "numeric" });

/** "5/5" for the fifth of the fifth lunar month; leap months read "6bis/1". */
function lunarDay(date: IsoDate): string {
  const parts = new Map(chinese.formatToParts(Date.parse(`${date}T00:00:00Z`)).map(({ type, value }) => [type, value]));
  return `${parts.get("month")}/${parts.get("day")}`;
}

/** The day of a year on which a lunar date falls. @throws RangeError where it falls on none between the two */
function findLunar(lunar: string, from: IsoDate, to: IsoDate): IsoDate {
  for (const date of daysOf(from, to)) if (lunarDay(date) === lunar) return date;
  throw new RangeError(`there is no ${lunar} of the Chinese calendar between ${from} and ${to}`);
}

/** The sun's apparent longitude in degrees, good to 0.01° (Meeus, Astronomical Algorithms, chapter 25, lower accuracy). */
function sunLongitude(utcMs: number): number {
  const t = (utcMs - Date.UTC(2000, 0, 1, 12)) / (36_525 * DAY_MS);
  const sin = (degrees: number) => Math.sin((degrees * Math.PI) / 180);
  const anomaly = 357.52911 + t * (35_999.05029 - 0.0001537 * t);
  const centre =
    (1.914602 - t * (0.004817 + 0.000014 * t)) * sin(anomaly) +
    (0.019993 - 0.000101 * t) * sin(2 * anomaly) +
    0.000289 * sin(3 * anomaly);
  const longitude = 280.46646 + t * (36_000.76983 + 0.0003032 * t) + centre;
  const node = 125.04 - 1_934.136 * t;
  return (((longitude - 0.00569 - 0.00478 * sin(node)) % 360) + 360) % 360;
}

/** The day in Beijing on which the sun reaches 15°: the solar term of 清明. */
function qingming(year: number): IsoDate {
  let [before, after] = [Date.UTC(year, 3, 3), Date.UTC(year, 3, 8)];
  while (after - before > MINUTE_MS) {
    const middle = (before + after) / 2;
    if (sunLongitude(middle) < QINGMING_DEGREES) before = middle;
    else after = middle;
  }
  return isoDate(after + BEIJING_MS);
}

export interface StatutoryHoliday {
  readonly name: HolidayName;
  readonly from: IsoDate;
  readonly to: IsoDate;
}

/**
 * The thirteen days that are off by law every year (全国年节及纪念日放假办法, as of 2025). Which days beside them are
 * off, and which weekends are worked for it, only the year's notice says. Good for the years 1901–2100.
 */
export function statutoryHolidays(year: number): readonly StatutoryHoliday[] {
  const newYear = findLunar("1/1", `${year}-01-15`, `${year}-02-28`);
  const dragonBoat = findLunar("5/5", `${year}-05-15`, `${year}-07-05`);
  const midAutumn = findLunar("8/15", `${year}-09-01`, `${year}-10-15`);
  const tombs = qingming(year);
  return [
    { name: "new-year", from: `${year}-01-01`, to: `${year}-01-01` },
    { name: "spring-festival", from: addDays(newYear, -1), to: addDays(newYear, 2) },
    { name: "qingming", from: tombs, to: tombs },
    { name: "labour-day", from: `${year}-05-01`, to: `${year}-05-02` },
    { name: "dragon-boat", from: dragonBoat, to: dragonBoat },
    { name: "mid-autumn", from: midAutumn, to: midAutumn },
    { name: "national-day", from: `${year}-10-01`, to: `${year}-10-03` },
  ];
}
