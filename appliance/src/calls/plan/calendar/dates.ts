/** A day of the calendar as "2026-10-01": days have no time zone, instants have. */
export type IsoDate = string;

const DAY_MS = 86_400_000;

const utc = (date: IsoDate): number => Date.parse(`${date}T00:00:00Z`);

export const isoDate = (utcMs: number): IsoDate => new Date(utcMs).toISOString().slice(0, 10);

export const addDays = (date: IsoDate, days: number): IsoDate => isoDate(utc(date) + days * DAY_MS);

/** 1 is Monday, 7 is Sunday. */
export const weekdayOf = (date: IsoDate): number => ((new Date(utc(date)).getUTCDay() + 6) % 7) + 1;

/** Whether it is a day that exists: "2026-02-30" is not. */
export const isRealDate = (date: string): boolean => !Number.isNaN(utc(date)) && isoDate(utc(date)) === date;

/** Every day from the first to the last, both included. */
export function* daysOf(from: IsoDate, to: IsoDate): Generator<IsoDate> {
  for (let date = from; date <= to; date = addDays(date, 1)) yield date;
}

export interface LocalTime {
  readonly date: IsoDate;
  readonly minute: number;
}

/** Reads instants on the clocks of a place. @throws RangeError for a time zone that does not exist */
export function localClock(timeZone: string): (at: number) => LocalTime {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "iso8601",
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? "";
    return {
      date: `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`,
      minute: Number(part("hour")) * 60 + Number(part("minute")),
    };
  };
}
