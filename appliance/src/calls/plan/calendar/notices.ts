/** What the State Council announced for a year: which days are off, and which weekend days are worked instead. */
export interface HolidayNotice {
  readonly year: number;
  /** Number of the notice of the State Council's General Office. */
  readonly notice: string;
  readonly holidays: readonly { readonly name: HolidayName; readonly from: string; readonly to: string }[];
  readonly workdays: readonly { readonly name: HolidayName; readonly date: string }[];
}

export type HolidayName =
  | "new-year"
  | "spring-festival"
  | "qingming"
  | "labour-day"
  | "dragon-boat"
  | "mid-autumn"
  | "national-day";

/** One entry a year, added when its notice is published (usually in November of the year before). */
export const notices: readonly HolidayNotice[] = [
  {
    year: 2026,
    notice: "国办发明电〔2025〕7号",
    holidays: [
      { name: "new-year", from: "2026-01-01", to: "2026-01-03" },
      { name: "spring-festival", from: "2026-02-15", to: "2026-02-23" },
      { name: "qingming", from: "2026-04-04", to: "2026-04-06" },
      { name: "labour-day", from: "2026-05-01", to: "2026-05-05" },
      { name: "dragon-boat", from: "2026-06-19", to: "2026-06-21" },
      { name: "mid-autumn", from: "2026-09-25", to: "2026-09-27" },
      { name: "national-day", from: "2026-10-01", to: "2026-10-07" },
    ],
    workdays: [
      { name: "new-year", date: "2026-01-04" },
      { name: "spring-festival", date: "2026-02-14" },
      { name: "spring-festival", date: "2026-02-28" },
      { name: "labour-day", date: "2026-05-09" },
      { name: "national-day", date: "2026-09-20" },
      { name: "national-day", date: "2026-10-10" },
    ],
  },
];
