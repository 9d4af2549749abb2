import type { Schedule } from "@sitebox/core/contract";
import type { Day, SiteCalendar } from "./calendar.ts";
import { addDays, type IsoDate, localClock, weekdayOf } from "./dates.ts";

export interface ScheduleVerdict {
  readonly applies: boolean;
  /** The day that decided: with hours past midnight it is the day on which they began. */
  readonly day: Day;
}

interface Hours {
  readonly days: readonly number[];
  readonly from: number;
  readonly to: number;
}

const MONDAY_TO_FRIDAY = [1, 2, 3, 4, 5];

/** Minutes since midnight of "08:30". */
export function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  return hour * 60 + minute;
}

/** A schedule on the clocks of the site. @throws RangeError for a time zone that does not exist */
export function openSchedule(
  { hours, holidays }: Pick<Schedule, "hours" | "holidays">,
  calendar: SiteCalendar,
  timeZone: string,
): (at: number) => ScheduleVerdict {
  const clock = localClock(timeZone);
  const windows: readonly Hours[] = hours.map(({ days, from, to }) => ({ days, from: minuteOf(from), to: minuteOf(to) }));
  /** A weekend that is worked has the hours of the first working day of the week that has any. */
  const workingDay = MONDAY_TO_FRIDAY.find((day) => windows.some(({ days }) => days.includes(day)));

  function windowsOn(date: IsoDate, day: Day): readonly Hours[] {
    if (holidays === "closed" && day.kind === "holiday") return [];
    const weekday = weekdayOf(date);
    const worked = holidays === "closed" && day.kind === "workday" && !MONDAY_TO_FRIDAY.includes(weekday);
    return windows.filter(({ days }) => days.some((one) => one === (worked ? workingDay : weekday)));
  }

  return (at) => {
    const { date, minute } = clock(at);
    const yesterday = addDays(date, -1);
    const [today, before] = [calendar.dayOf(date), calendar.dayOf(yesterday)];
    const running = windowsOn(date, today).some(({ from, to }) => minute >= from && (minute < to || to < from));
    if (running) return { applies: true, day: today };
    const sinceYesterday = windowsOn(yesterday, before).some(({ from, to }) => to < from && minute < to);
    return sinceYesterday ? { applies: true, day: before } : { applies: false, day: today };
  };
}
