import { type LineLimits, type OutsideLine, reasonOf } from "@sitebox/core/contract";

/** What a line has done in an hour (since 1970), a day of the site (as 2026-11-21) and a minute (since 1970). */
export interface Use {
  readonly hour: number;
  readonly calls: number;
  readonly day: string;
  readonly callMs: number;
  readonly texts: number;
  readonly minute: number;
  readonly minuteTexts: number;
  readonly callEndedAt?: number;
}

export const hourOf = (at: number): number => Math.floor(at / 3_600_000);
export const minuteOf = (at: number): number => Math.floor(at / 60_000);

/** The use of another hour, day or minute does not count any more. */
export function useNow(use: Use | undefined, at: number, day: string): Use {
  const sameHour = use?.hour === hourOf(at);
  const sameDay = use?.day === day;
  const sameMinute = use?.minute === minuteOf(at);
  return {
    hour: hourOf(at),
    calls: sameHour ? use.calls : 0,
    day,
    callMs: sameDay ? use.callMs : 0,
    texts: sameDay ? use.texts : 0,
    minute: minuteOf(at),
    minuteTexts: sameMinute ? use.minuteTexts : 0,
    ...(use?.callEndedAt !== undefined && { callEndedAt: use.callEndedAt }),
  };
}

/** The limits of a line with several numbers: each number may do what one may. The gap between calls is kept by each on its own. */
export const limitsOf = (limits: LineLimits, numbers: number): LineLimits =>
  numbers <= 1
    ? limits
    : {
        callsPerHour: limits.callsPerHour * numbers,
        callMinutesPerDay: limits.callMinutesPerDay * numbers,
        secondsBetweenCalls: 0,
        textsPerDay: limits.textsPerDay * numbers,
        textsPerMinute: limits.textsPerMinute * numbers,
      };

/** Why the line may not dial now; undefined where it may. */
export function whyNoCall(use: Use, limits: LineLimits, at: number): string | undefined {
  if (use.calls >= limits.callsPerHour)
    return reasonOf("its limit of {count} calls an hour is reached", { count: limits.callsPerHour });
  if (use.callMs >= limits.callMinutesPerDay * 60_000)
    return reasonOf("its limit of {count} minutes a day is reached", { count: limits.callMinutesPerDay });
  const rested = use.callEndedAt === undefined ? Number.POSITIVE_INFINITY : at - use.callEndedAt;
  return rested >= 0 && rested < limits.secondsBetweenCalls * 1_000
    ? `it rests ${limits.secondsBetweenCalls} s between calls`
    : undefined;
}

/** How long the line may send no text, in ms, and why; undefined where it may. */
export function whyNoText(
  use: Use,
  limits: LineLimits,
  at: number,
): { readonly reason: string; readonly againInMs: number } | undefined {
  if (use.texts >= limits.textsPerDay)
    return {
      reason: reasonOf("its limit of {count} texts a day is reached", { count: limits.textsPerDay }),
      againInMs: 3_600_000 - (at % 3_600_000),
    };
  if (use.minuteTexts >= limits.textsPerMinute)
    return {
      reason: reasonOf("its limit of {count} texts a minute is reached", { count: limits.textsPerMinute }),
      againInMs: 60_000 - (at % 60_000),
    };
  return undefined;
}

export const leftOf = (use: Use, limits: LineLimits): NonNullable<OutsideLine["left"]> => ({
  callsThisHour: Math.max(0, limits.callsPerHour - use.calls),
  minutesToday: Math.max(0, limits.callMinutesPerDay - Math.ceil(use.callMs / 60_000)),
  textsToday: Math.max(0, limits.textsPerDay - use.texts),
});
