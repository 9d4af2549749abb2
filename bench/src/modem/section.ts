import { loadavg } from "node:os";
import { quantile } from "../latency.ts";
import { type ModemFigures, measureModems } from "./measure.ts";
import type { ModemsSetup } from "./messages.ts";

const SECONDS = 30;

const row = (...cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
const ms = (value: number) => `${value.toFixed(1)} ms`;
const spread = (values: readonly number[]) =>
  [quantile(values, 0.5), quantile(values, 0.99), Math.max(...values)].map(ms).join(", ");

const loads: readonly (readonly [string, ModemsSetup])[] = [
  ["1 modem", { modems: 1, sound: {} }],
  ["8 modems", { modems: 8, sound: {} }],
  ["8 modems, sound in bursts of 100 ms", { modems: 8, sound: { burstMs: 100 } }],
];

/** Calls over scripted modems at real pseudo-terminals: how late and how even their sound is, and what a leg costs. */
export async function modemSection(progress: (text: string) => void): Promise<readonly string[]> {
  const lines = [
    "| Calls over GSM modems (scripted, at pseudo-terminals; p50, p99, max) | click in → frame given | click in → its copy out | between frames given | between pieces written |",
    "|---|---|---|---|---|",
  ];
  const [load = 0] = loadavg();
  const counts = [
    "",
    "| … | clicks, not back by the end | frames filled | dropped | not written | CPU a leg |",
    "|---|---|---|---|---|---|",
  ];
  for (const [name, setup] of loads) {
    progress(`modems: ${name}`);
    const figures = await measureModems(setup, SECONDS);
    const { inwards, loops, givenGaps, writtenGaps } = figures;
    lines.push(row(name, spread(inwards), spread(loops), spread(givenGaps), spread(writtenGaps)));
    counts.push(countsRow(name, figures));
  }
  return [
    ...lines,
    ...counts,
    "",
    `Each call has sound both ways for ${SECONDS} s, and the box says back at once what it hears. The modems run in a process of their own: times begin`,
    "when a modem has written to the box's port for sound and end when it has read from it, and CPU is that of the box's process alone, in percent of a",
    "core. Frames are counted from the beginning of each call to its end.",
    `Programs that waited for a processor when it began (load average of a minute): ${load.toFixed(1)}.`,
    "No other modem driver runs on these pseudo-terminals: chan_quectel and chan_dongle want Asterisk and a modem at USB.",
  ];
}

function countsRow(name: string, { clicks, loops, filled, dropped, unsaid, cpuPercentPerLeg }: ModemFigures): string {
  return row(name, `${clicks}, ${clicks - loops.length}`, filled, dropped, unsaid, `${cpuPercentPerLeg.toFixed(2)} %`);
}
