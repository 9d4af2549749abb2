import { cpuSeconds, residentMb } from "../machine.ts";
import type { CallLoadFigures, SippPair, Switch } from "./sipp-load.ts";

export interface BridgedFigures {
  readonly calls: number;
  readonly failed: number;
  /** Percent of one core for each bridged, recorded call, by what the processes do. */
  readonly cpuPercentPerCall: Readonly<Record<string, number>>;
}

/** Sound flows for so long before it is measured, and for so long while it is. */
const SETTLE_MS = 5_000;
const MEASURE_MS = 15_000;
const PER_SECOND = 10;

/** The processor time of a switch while `calls` calls are up, bridged and recorded, with sound both ways. */
export async function measureBridged(pair: SippPair, under: Switch, calls: number): Promise<BridgedFigures> {
  const afterMs = (calls / PER_SECOND) * 1_000 + under.noticeMs + SETTLE_MS;
  let cpuPercentPerCall: Record<string, number> = {};
  const what = async () => {
    const before = await cpuOf(under);
    const startedAt = performance.now();
    await new Promise<void>((resolve) => void setTimeout(resolve, MEASURE_MS));
    const after = await cpuOf(under);
    const seconds = (performance.now() - startedAt) / 1_000;
    cpuPercentPerCall = Object.fromEntries(
      Object.keys(after).map((name) => [name, (100 * ((after[name] ?? 0) - (before[name] ?? 0))) / seconds / calls]),
    );
  };
  const holdMs = afterMs + MEASURE_MS + 2_000;
  const { failed } = await pair.call({
    calls,
    perSecond: PER_SECOND,
    holdMs,
    sound: true,
    recorded: true,
    measure: { afterMs, what },
  });
  return { calls, failed, cpuPercentPerCall };
}

async function cpuOf(under: Switch): Promise<Record<string, number>> {
  const cpu: Record<string, number> = {};
  for (const [name, pids] of Object.entries(await under.processes())) {
    cpu[name] = 0;
    for (const pid of pids) cpu[name] += await cpuSeconds(pid);
  }
  return cpu;
}

/** Resident memory of the processes that carry calls, in MB. */
export async function memoryOf(under: Switch): Promise<number> {
  const pids = Object.values(await under.processes()).flat();
  return (await Promise.all(pids.map(residentMb))).reduce((sum, one) => sum + one, 0);
}

/** The highest of these rates at which every call of ten seconds' worth succeeds. */
export async function highestRate(
  pair: SippPair,
  rates: readonly number[],
): Promise<CallLoadFigures & { readonly perSecond: number }> {
  let best = { calls: 0, failed: 0, tookMs: 0, setupMeanMs: 0, perSecond: 0 };
  for (const perSecond of rates) {
    const figures = await pair.call({ calls: perSecond * 10, perSecond, holdMs: 500 });
    // Late is as bad as lost: the rate counts only where the calls were begun and ended at it.
    if (figures.failed > 0 || figures.tookMs > 16_000) return best;
    best = { ...figures, perSecond };
  }
  return best;
}
