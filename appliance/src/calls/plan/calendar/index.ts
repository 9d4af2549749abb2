export { type Day, SiteCalendar } from "./calendar.ts";
export { type StatutoryHoliday, statutoryHolidays } from "./computed.ts";
export { isRealDate } from "./dates.ts";
export { type HolidayName, type HolidayNotice, notices } from "./notices.ts";
export { minuteOf, openSchedule, type ScheduleVerdict } from "./schedule.ts";
