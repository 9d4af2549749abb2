/** A stretch of tone, or of no tone. */
export interface Run {
  readonly on: boolean;
  readonly ms: number;
  /** Mean power in squares of samples. */
  readonly power: number;
}

interface Cadence {
  readonly name: "busy" | "congestion";
  readonly fewestMs: number;
  readonly mostMs: number;
}

/** GB/T 3380: on and off alike, 0.35 s each when the number is busy, 0.7 s each when the exchange is; a tenth is left to exchanges, and a frame at each edge. */
const CADENCES: readonly Cadence[] = [
  { name: "busy", fewestMs: 270, mostMs: 430 },
  { name: "congestion", fewestMs: 590, mostMs: 810 },
];
const CYCLES = 3;
/** Bursts of an exchange are alike within this factor, in power; in people's talk and in music they are not. */
const ALIKE = 2;
/** Pauses are silent: at least this factor below the bursts. */
const QUIETER = 4;
/** How long the last pause must have lasted; the fewest of its kind would be too long to wait. */
const LAST_PAUSE_MS = 200;

/** 空号音: three bursts of 0.1 s and one of 0.4 s. */
const UNOBTAINABLE = [100, 100, 100, 400];

/** Which tone the bursts are, where they are one. `now` is the pause that has not ended. */
export function cadenceOf(runs: readonly Run[], now: Run): "busy" | "congestion" | "unobtainable" | undefined {
  if (now.on || now.ms < LAST_PAUSE_MS) return isUnobtainable(runs) ? "unobtainable" : undefined;
  const last = runs.slice(-(2 * CYCLES - 1));
  if (last.length < 2 * CYCLES - 1 || !isSteady(last, now)) return isUnobtainable(runs) ? "unobtainable" : undefined;
  const { name } = CADENCES.find(({ fewestMs, mostMs }) => last.every(({ ms }) => ms >= fewestMs && ms <= mostMs)) ?? {};
  return name ?? (isUnobtainable(runs) ? "unobtainable" : undefined);
}

/** Bursts of one strength with silence between and after them. */
function isSteady(runs: readonly Run[], now?: Run): boolean {
  const bursts = runs.filter(({ on }) => on).map(({ power }) => power);
  const weakest = Math.min(...bursts);
  const pauses = [...runs, ...(now ? [now] : [])].filter(({ on }) => !on);
  return Math.max(...bursts) <= weakest * ALIKE && pauses.every(({ power }) => power * QUIETER <= weakest);
}

function isUnobtainable(runs: readonly Run[]): boolean {
  const last = runs.slice(-(2 * UNOBTAINABLE.length - 1));
  const bursts = last.filter(({ on }) => on);
  if (bursts.length !== UNOBTAINABLE.length || !last.at(-1)?.on) return false;
  const near = (ms: number, wanted: number) => Math.abs(ms - wanted) <= 50 + wanted / 10;
  return (
    bursts.every(({ ms }, at) => near(ms, UNOBTAINABLE[at] ?? 0)) &&
    last.filter(({ on }) => !on).every(({ ms }) => near(ms, 100)) &&
    isSteady(last)
  );
}
