import { type MediaLoadFigures, measureMediaLoad } from "../media-load.ts";
import { asteriskSwitch } from "./asterisk-switch.ts";
import { boxSwitch } from "./box-switch.ts";
import { type BridgedFigures, highestRate, measureBridged, memoryOf } from "./measure.ts";
import { SippPair, type Switch } from "./sipp-load.ts";

const RATES = [20, 40, 60, 80, 100];
/** Of the highest rate, what the long run goes at. */
const LONG_RUN_SHARE = 0.7;
const MANY = 10_000;
const FEW = 100;

const row = (...cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
const total = (figures: BridgedFigures) => Object.values(figures.cpuPercentPerCall).reduce((sum, one) => sum + one, 0);
const percent = (value: number, digits = 2) => `${value.toFixed(digits)} %`;

/** Calls through the whole box by sipp, and through Asterisk where `asteriskRoot` has one: rates, processor time, memory, sound. */
export async function telephonySection(asteriskRoot: string, progress: (text: string) => void): Promise<readonly string[]> {
  const lines = [
    "| Calls joined and recorded by the whole switch (sipp, G.711) | Sitebox | Asterisk | Ratio |",
    "|---|---|---|---|",
  ];
  await using peer = await asteriskSwitch(asteriskRoot);
  const asterisk = peer && (await bridged(peer, progress));
  await using box = await boxSwitch();
  const own = await bridged(box, progress);
  for (const [n, figures] of own.entries()) {
    // A peer that did not carry all its calls is no measure.
    const other = asterisk?.[n]?.failed === 0 ? asterisk[n] : undefined;
    const name = `CPU for each of ${figures.calls} calls, percent of a core`;
    lines.push(
      row(
        name,
        percent(total(figures)),
        other ? percent(total(other)) : "–",
        other ? (total(figures) / total(other)).toFixed(2) : "–",
      ),
    );
    for (const [part, value] of Object.entries(figures.cpuPercentPerCall))
      lines.push(row(`… of which ${part}`, percent(value), "", ""));
    lines.push(row("… calls that failed", figures.failed, asterisk?.[n]?.failed ?? "–", ""));
  }
  return [...lines, "", ...(await endurance(box, progress)), "", ...(await sound(progress))];
}

async function bridged(under: Switch, progress: (text: string) => void): Promise<readonly BridgedFigures[]> {
  await using pair = await SippPair.open(under);
  // The first calls of a process warm it up.
  await pair.call({ calls: 20, perSecond: 5, holdMs: 1_000 + under.noticeMs, sound: true, recorded: true });
  const figures: BridgedFigures[] = [];
  for (const calls of [50, 100]) {
    progress(`${under.name}: ${calls} bridged calls`);
    figures.push(await measureBridged(pair, under, calls));
  }
  return figures;
}

async function endurance(box: Switch, progress: (text: string) => void): Promise<readonly string[]> {
  await using pair = await SippPair.open(box);
  progress("the highest rate");
  const rate = await highestRate(pair, RATES);
  await pair.call({ calls: FEW, perSecond: 10, holdMs: 200 });
  const before = await memoryOf(box);
  const perSecond = Math.max(5, Math.floor(rate.perSecond * LONG_RUN_SHARE));
  progress(`${MANY} calls at ${perSecond} a second`);
  const long = await pair.call({ calls: MANY, perSecond, holdMs: 200 });
  const after = await memoryOf(box);
  return [
    "| Setup and teardown | Value |",
    "|---|---|",
    row("Highest rate of calls set up and torn down without a failure for ten seconds", `${rate.perSecond} calls/s`),
    row(`${MANY} calls at ${perSecond} calls/s: failures`, long.failed),
    row("… mean time from the INVITE with credentials to the answer", `${long.setupMeanMs} ms`),
    row(`Memory after the first hundreds of calls, and after ${MANY} more`, `${before} MB, ${after} MB`),
  ];
}

async function sound(progress: (text: string) => void): Promise<readonly string[]> {
  const lines = [
    "| Sound of bridged, recorded calls (the media plane alone, own RTP peers) | CPU a call | inter-departure p50 | p99 | max | silence heard | longest gap |",
    "|---|---|---|---|---|---|---|",
  ];
  const loads = [
    ["50 calls", { calls: 50 }],
    ["100 calls", { calls: 100 }],
    ["100 calls, main process busy", { calls: 100, busyMain: true }],
    ["50 calls, 2 % loss in bursts, 30 ms jitter", { calls: 50, lossShare: 0.02, jitterMs: 30 }],
    ["50 calls, 30 % loss in bursts, 30 ms jitter", { calls: 50, lossShare: 0.3, jitterMs: 30 }],
  ] as const;
  for (const [name, load] of loads) {
    progress(`sound: ${name}`);
    lines.push(soundRow(name, await measureMediaLoad({ seconds: 15, ...load })));
  }
  return lines;
}

function soundRow(name: string, { cpuPercentPerCall, interDeparture, heard }: MediaLoadFigures): string {
  const ms = (value: number | undefined) => (value === undefined ? "–" : `${value.toFixed(1)} ms`);
  return row(
    name,
    percent(cpuPercentPerCall),
    ms(interDeparture?.p50),
    ms(interDeparture?.p99),
    ms(interDeparture?.max),
    percent(100 * heard.silentShare),
    `${heard.longestSilenceMs} ms (typically ${heard.typicalLongestSilenceMs} ms)`,
  );
}
