import type { Call } from "@sitebox/core/contract";

export type AgeUnit = "now" | "minutes" | "hours" | "days";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long ago, as a key of the locale's `age` and its number. A clock that runs behind the server's gives "now". */
export function ageOf(fromAt: number, nowAt: number): { readonly unit: AgeUnit; readonly count: number } {
  const ms = nowAt - fromAt;
  if (ms < MINUTE_MS) return { unit: "now", count: 0 };
  if (ms < HOUR_MS) return { unit: "minutes", count: Math.floor(ms / MINUTE_MS) };
  if (ms < DAY_MS) return { unit: "hours", count: Math.floor(ms / HOUR_MS) };
  return { unit: "days", count: Math.floor(ms / DAY_MS) };
}

/** "1:05", "1:02:09": a duration as a player or a call timer shows it. */
export function timer(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const pad = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}

/** "09:07", in the reader's own time zone. */
export const clockTime = (at: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false }).format(at);

/** "09:07" today, "11/20 09:07" on another day, with the year where it is another. */
export function dateTime(at: number, locale: string, nowAt: number): string {
  const then = new Date(at);
  const now = new Date(nowAt);
  if (then.toDateString() === now.toDateString()) return clockTime(at, locale);
  const day = new Intl.DateTimeFormat(locale, {
    month: "2-digit",
    day: "2-digit",
    ...(then.getFullYear() !== now.getFullYear() && { year: "numeric" }),
  });
  return `${day.format(at)} ${clockTime(at, locale)}`;
}

const UNITS = ["B", "KB", "MB", "GB", "TB"];

/** "1.5 GB": binary steps, one digit behind the point below ten. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 1_024 && unit < UNITS.length - 1) {
    value /= 1_024;
    unit++;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

/** The locale's word for a caller without a number of his own; nothing for one who has it. */
export function callerWord(number: string, channel: Call["channel"]): "caller.web" | "caller.unknown" | undefined {
  if (number !== "" && /\d/.test(number)) return undefined;
  return channel === "web-call" || number === "web" ? "caller.web" : "caller.unknown";
}

/** "138****5678": a telephone number as lists show it. Extensions and room numbers are no personal data. */
export const maskNumber = (number: string): string =>
  number.length < 7 ? number : `${number.slice(0, 3)}${"*".repeat(number.length - 7)}${number.slice(-4)}`;
