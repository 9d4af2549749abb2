import type { CalendarDay } from "@sitebox/core/contract";
import { statutoryHolidays } from "./computed.ts";
import { daysOf, type IsoDate } from "./dates.ts";
import { type HolidayName, type HolidayNotice, notices as shipped } from "./notices.ts";

/** What a day is beside its weekday. */
export interface Day {
  readonly kind: "holiday" | "workday" | "ordinary";
  /** A public holiday by its key, or the site's own words. */
  readonly name: HolidayName | { readonly own: string } | undefined;
  /** "computed": by law, while the year's notice is not known: days may be added and weekends worked. */
  readonly source: "site" | "notice" | "computed" | undefined;
}

const ORDINARY: Day = { kind: "ordinary", name: undefined, source: undefined };

/** Public holidays and the site's own days. The site's are believed before the year's notice, the notice before the law. */
export class SiteCalendar {
  readonly #own: ReadonlyMap<IsoDate, Day>;
  readonly #notices: readonly HolidayNotice[];
  readonly #years = new Map<number, ReadonlyMap<IsoDate, Day>>();

  constructor(own: readonly CalendarDay[], notices: readonly HolidayNotice[] = shipped) {
    this.#own = new Map(
      own.map(({ date, kind, name }) => [date, { kind, name: name === "" ? undefined : { own: name }, source: "site" }]),
    );
    this.#notices = notices;
  }

  dayOf(date: IsoDate): Day {
    return this.#own.get(date) ?? this.#yearOf(Number(date.slice(0, 4))).get(date) ?? ORDINARY;
  }

  #yearOf(year: number): ReadonlyMap<IsoDate, Day> {
    const known = this.#years.get(year);
    if (known) return known;
    const notice = this.#notices.find((one) => one.year === year);
    const days = notice ? daysOfNotice(notice) : daysByLaw(year);
    this.#years.set(year, days);
    return days;
  }
}

function daysOfNotice({ holidays, workdays }: HolidayNotice): ReadonlyMap<IsoDate, Day> {
  const days = new Map<IsoDate, Day>();
  for (const { name, from, to } of holidays)
    for (const date of daysOf(from, to)) days.set(date, { kind: "holiday", name, source: "notice" });
  for (const { name, date } of workdays) days.set(date, { kind: "workday", name, source: "notice" });
  return days;
}

function daysByLaw(year: number): ReadonlyMap<IsoDate, Day> {
  const days = new Map<IsoDate, Day>();
  for (const { name, from, to } of statutoryHolidays(year))
    for (const date of daysOf(from, to)) days.set(date, { kind: "holiday", name, source: "computed" });
  return days;
}
