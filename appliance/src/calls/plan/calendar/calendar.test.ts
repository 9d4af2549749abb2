import fc from "fast-check";
import { expect, test } from "vitest";
import { SiteCalendar } from "./calendar.ts";
import { statutoryHolidays } from "./computed.ts";
import { addDays, daysOf, type IsoDate, isoDate, localClock, weekdayOf } from "./dates.ts";
import { notices } from "./notices.ts";
import { openSchedule } from "./schedule.ts";

const year = fc.integer({ min: 1_950, max: 2_090 });
const date = fc.integer({ min: Date.UTC(2_000, 0), max: Date.UTC(2_060, 0) }).map(isoDate);
const dates = (name: string, of: number) => {
  const found = statutoryHolidays(of).find((holiday) => holiday.name === name);
  return found ? [...daysOf(found.from, found.to)] : [];
};

// 国务院办公厅关于部分节假日安排的通知 of each year: the days that the law names among them.
test.each<[number, string, IsoDate, IsoDate]>([
  [2020, "spring-festival", "2020-01-24", "2020-01-27"],
  [2021, "qingming", "2021-04-04", "2021-04-04"],
  [2023, "qingming", "2023-04-05", "2023-04-05"],
  [2023, "spring-festival", "2023-01-21", "2023-01-24"],
  [2024, "dragon-boat", "2024-06-10", "2024-06-10"],
  [2024, "mid-autumn", "2024-09-17", "2024-09-17"],
  [2025, "mid-autumn", "2025-10-06", "2025-10-06"],
  [2025, "spring-festival", "2025-01-28", "2025-01-31"],
  [2033, "mid-autumn", "2033-09-08", "2033-09-08"],
  [2034, "spring-festival", "2034-02-18", "2034-02-21"],
])("%i: %s is from %s to %s", (of, name, from, to) => {
  expect(dates(name, of)).toEqual([...daysOf(from, to)]);
});

test("every year has thirteen days off by law, in their seasons, whatever the moon does", () => {
  fc.assert(
    fc.property(year, (of) => {
      const all = statutoryHolidays(of).flatMap(({ from, to }) => [...daysOf(from, to)]);
      expect(all).toHaveLength(13);
      for (const day of all) expect(day.slice(0, 4)).toBe(String(of));
      const [spring = ""] = dates("spring-festival", of);
      expect(spring >= `${of}-01-20` && spring <= `${of}-02-20`).toBe(true);
      expect(["04", "05", "06"]).toContain(dates("qingming", of)[0]?.slice(8));
    }),
  );
});

test("every notice holds the law's days, works on weekends only, and contradicts itself nowhere", () => {
  for (const notice of notices) {
    const off = new Set(notice.holidays.flatMap(({ from, to }) => [...daysOf(from, to)]));
    for (const { from, to } of statutoryHolidays(notice.year)) for (const day of daysOf(from, to)) expect(off).toContain(day);
    for (const { date: worked } of notice.workdays) {
      expect(weekdayOf(worked)).toBeGreaterThanOrEqual(6);
      expect(off).not.toContain(worked);
    }
  }
});

test("the site's own days are believed first, then the notice, then the law", () => {
  const calendar = new SiteCalendar([
    { date: "2026-10-01", kind: "workday", name: "不打烊" },
    { date: "2026-03-03", kind: "holiday", name: "" },
  ]);
  expect(calendar.dayOf("2026-10-01")).toEqual({ kind: "workday", name: { own: "不打烊" }, source: "site" });
  expect(calendar.dayOf("2026-03-03")).toEqual({ kind: "holiday", name: undefined, source: "site" });
  expect(calendar.dayOf("2026-02-15")).toEqual({ kind: "holiday", name: "spring-festival", source: "notice" });
  expect(calendar.dayOf("2026-09-20")).toEqual({ kind: "workday", name: "national-day", source: "notice" });
  expect(calendar.dayOf("2040-10-03")).toEqual({ kind: "holiday", name: "national-day", source: "computed" });
  expect(calendar.dayOf("2040-10-04").kind).toBe("ordinary");
});

test("days follow each other and weeks have seven", () => {
  fc.assert(
    fc.property(date, fc.integer({ min: -400, max: 400 }), (day, days) => {
      expect(addDays(addDays(day, days), -days)).toBe(day);
      expect(weekdayOf(addDays(day, 7))).toBe(weekdayOf(day));
      expect((weekdayOf(addDays(day, 1)) - weekdayOf(day) + 7) % 7).toBe(1);
    }),
  );
});

test("clocks are read in the site's time zone", () => {
  const at = Date.parse("2026-03-01T20:30:00Z");
  expect(localClock("Asia/Shanghai")(at)).toEqual({ date: "2026-03-02", minute: 270 });
  expect(localClock("UTC")(at)).toEqual({ date: "2026-03-01", minute: 1_230 });
  expect(localClock("Asia/Kathmandu")(at)).toEqual({ date: "2026-03-02", minute: 135 });
  // Summer time: 02:30 does not exist on that day.
  expect(localClock("Europe/Berlin")(Date.parse("2026-03-29T01:30:00Z"))).toEqual({ date: "2026-03-29", minute: 210 });
  expect(localClock("Asia/Shanghai")(Date.parse("2026-03-01T16:00:00Z"))).toEqual({ date: "2026-03-02", minute: 0 });
});

const office = { name: "office", hours: [{ days: [1, 2, 3, 4, 5], from: "09:00", to: "18:00" }], holidays: "closed" } as const;
const bar = { name: "bar", hours: [{ days: [5, 6], from: "20:00", to: "02:00" }], holidays: "open" } as const;
const schedule = (of: {
  readonly hours: readonly { readonly days: readonly number[]; from: string; to: string }[];
  holidays: "closed" | "open";
}) => {
  const hours = of.hours.map(({ days, from, to }) => ({ days: [...days], from, to }));
  const applies = openSchedule({ hours, holidays: of.holidays }, new SiteCalendar([]), "Asia/Shanghai");
  return (text: string) => applies(Date.parse(`${text}:00+08:00`)).applies;
};

test.each<[string, boolean]>([
  ["2026-03-02T08:59", false],
  ["2026-03-02T09:00", true],
  ["2026-03-02T17:59", true],
  ["2026-03-02T18:00", false],
  // A Saturday, and one that is worked for the Spring Festival.
  ["2026-03-07T12:00", false],
  ["2026-02-14T12:00", true],
  ["2026-02-14T19:00", false],
  // A Tuesday within the Spring Festival.
  ["2026-02-17T12:00", false],
])("the office at %s: %s", (at, open) => {
  expect(schedule(office)(at)).toBe(open);
});

test.each<[string, boolean]>([
  ["2026-03-06T19:59", false],
  ["2026-03-06T20:00", true],
  // The night from Friday to Saturday, and from Saturday to Sunday.
  ["2026-03-07T01:59", true],
  ["2026-03-07T02:00", false],
  ["2026-03-08T01:00", true],
  ["2026-03-09T01:00", false],
  // Holidays do not matter to it, nor do working weekends.
  ["2026-10-02T23:00", true],
  ["2026-02-14T23:00", true],
])("the bar at %s: %s", (at, open) => {
  expect(schedule(bar)(at)).toBe(open);
});

test("a night that began before a holiday goes on into it", () => {
  const night = schedule({ hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: "22:00", to: "06:00" }], holidays: "closed" });
  expect(night("2026-10-01T03:00")).toBe(true);
  expect(night("2026-10-01T23:00")).toBe(false);
  expect(night("2026-10-08T03:00")).toBe(false);
});

test("a day from 00:00 to 24:00 is whole, and hours and their opposite never both apply", () => {
  const whole = openSchedule(
    { hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: "00:00", to: "24:00" }], holidays: "open" },
    new SiteCalendar([]),
    "UTC",
  );
  const days = [1, 2, 3, 4, 5, 6, 7];
  const open = (from: string, to: string) =>
    openSchedule({ hours: [{ days, from, to }], holidays: "open" }, new SiteCalendar([]), "Asia/Shanghai");
  const [day, night] = [open("08:00", "20:00"), open("20:00", "08:00")];
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(2_020, 0), max: Date.UTC(2_040, 0) }), (at) => {
      expect(whole(at).applies).toBe(true);
      expect(day(at).applies).toBe(!night(at).applies);
    }),
  );
});
