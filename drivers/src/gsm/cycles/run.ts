import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GsmLine } from "@sitebox/core/contract";
import { type Clock, type Log, systemClock } from "@sitebox/core/kernel";
import type { Line, LineState } from "../../line/index.ts";
import { openUsb, type Usb } from "../../usb/index.ts";
import { type GsmTimes, openGsmLine } from "../index.ts";
import { openScriptedModem, type ScriptedModem, ScriptedUsb, seeded } from "../testing/index.ts";

/** What befalls the modem in a cycle. */
export const troubles = ["unplug", "unplug while set up", "hang", "hang until restarted", "reboot", "no network"] as const;
export type Trouble = (typeof troubles)[number];

export interface CycleFigures {
  readonly cycles: number;
  readonly byTrouble: Readonly<Record<Trouble, number>>;
  /** Cycles after which the line did not come up again. */
  readonly stuck: readonly string[];
  /** From the end of the trouble to the line being up again; sorted. */
  readonly recoveryMs: readonly number[];
  /** Open descriptors of this process: with the line up after the first cycles and after all, and with everything closed before and after. */
  readonly descriptors: { readonly up: readonly [number, number]; readonly closed: readonly [number, number] };
  /** Bytes of heap with the line up, after the first cycles and after all. */
  readonly heap: readonly [number, number];
}

export interface CycleOptions {
  readonly cycles: number;
  readonly seed: number;
  readonly log: Log;
  readonly onCycle?: (done: number) => void;
}

/** A hundredth of the usual times: a modem on a pseudo-terminal is that much quicker. */
const times: Partial<GsmTimes> = {
  ...{ commandMs: 250, promptMs: 250, pingMs: 100, probeMs: 100, simWaitMs: 300, searchMs: 20, pollMs: 25, lookAgainMs: 500 },
  ...{ backoff: { firstMs: 10, maxMs: 100 }, healthyAfterMs: 300, powerCycleAfter: 2 },
};
const WARM_UP = 12;
const STUCK_AFTER_MS = 20_000;

/** Unplugs, hangs and restarts a scripted modem in USB again and again, and looks whether its line always comes back and nothing is left over. */
export async function runCycles({ cycles, seed, log, onCycle }: CycleOptions): Promise<CycleFigures> {
  await using owned = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "sitebox-cycles-"));
  owned.defer(() => rm(folder, { recursive: true, force: true }));
  // What libraries open once and keep is open after the first life.
  await life({ folder: join(folder, "first"), cycles: 0, seed, log, onCycle: undefined });
  const closedBefore = await descriptors();
  const figures = await life({ folder: join(folder, "main"), cycles, seed, log, onCycle });
  return { ...figures, descriptors: { up: figures.up, closed: [closedBefore, await descriptors()] } };
}

type Life = Omit<CycleFigures, "descriptors"> & { readonly up: readonly [number, number] };

async function life({
  folder,
  cycles,
  seed,
  log,
  onCycle,
}: Omit<CycleOptions, "onCycle"> & { readonly folder: string; readonly onCycle: CycleOptions["onCycle"] }): Promise<Life> {
  const clock = systemClock;
  const random = seeded(seed);
  await using bus = await ScriptedUsb.open(folder);
  await using usb = await openUsb({ clock, log, sysDir: bus.sysDir, devDir: bus.devDir, pollMs: 20, offMs: 20 });
  const misbehaviour = { splitLines: true, garbage: 0.05, late: 0.02, lateMs: 30 };
  await using modem = await openScriptedModem({ folder, usb: { bus, path: "1-1.4" }, seed, misbehaviour, bootMs: 40 });
  await using line = await openLine(modem, { usb, clock, log });
  const byTrouble: Record<Trouble, number> = {
    unplug: 0,
    "unplug while set up": 0,
    hang: 0,
    "hang until restarted": 0,
    reboot: 0,
    "no network": 0,
  };
  const stuck: string[] = [];
  const recoveryMs: number[] = [];
  let [upBefore, heapBefore] = [0, 0];
  await up(line);
  for (let cycle = 0; cycle < cycles + WARM_UP; cycle++) {
    if (cycle === WARM_UP) [upBefore, heapBefore] = [await descriptors(), heap()];
    const trouble = troubles[Math.floor(random() * troubles.length)] ?? "unplug";
    const endedAt = await befall(trouble, { modem, line, clock, random });
    const recovered = await up(line);
    if (cycle < WARM_UP) continue;
    byTrouble[trouble]++;
    if (recovered) recoveryMs.push(clock.monotonic() - endedAt);
    else
      stuck.push(
        `cycle ${cycle - WARM_UP + 1}, ${trouble}: ${line.state.state} ${line.state.fault ?? ""} ${line.state.reason ?? ""}`,
      );
    onCycle?.(cycle - WARM_UP + 1);
    if (!recovered) break;
  }
  recoveryMs.sort((one, other) => one - other);
  return { cycles, byTrouble, stuck, recoveryMs, up: [upBefore, await descriptors()], heap: [heapBefore, heap()] };
}

async function openLine(
  modem: ScriptedModem,
  deps: { readonly usb: Usb; readonly clock: Clock; readonly log: Log },
): Promise<Line> {
  const { number, iccid, imei } = modem.identity;
  const sim = { number, iccid, owner: "Test", purpose: "cycles" };
  return await openGsmLine(GsmLine.parse({ kind: "gsm", name: "cycles", imei, sim }), { ...deps, times });
}

interface Scene {
  readonly modem: ScriptedModem;
  readonly line: Line;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Makes trouble and ends it; answers when it ended (monotonic ms). A line that is down has to say why. */
async function befall(trouble: Trouble, { modem, line, clock, random }: Scene): Promise<number> {
  const noticed = () =>
    until(line, ({ state, fault, reason }) => state === "down" && fault !== undefined && reason !== undefined);
  switch (trouble) {
    case "unplug":
      await modem.unplug();
      await noticed();
      await modem.plug();
      return clock.monotonic();
    case "unplug while set up":
      await modem.unplug();
      await noticed();
      await modem.plug();
      // Somewhere in the midst of being found and set up.
      await clock.sleep(random() * 80);
      await modem.unplug();
      await noticed();
      await modem.plug();
      return clock.monotonic();
    case "hang":
      modem.hang();
      await noticed();
      modem.wake();
      return clock.monotonic();
    case "hang until restarted": {
      // Nobody helps: the line has to switch its socket off and on.
      const startedAt = clock.monotonic();
      modem.hang();
      await noticed();
      return startedAt;
    }
    case "reboot":
      modem.reboot();
      await noticed();
      return clock.monotonic();
    case "no network":
      modem.register(2);
      await noticed();
      modem.register(1);
      return clock.monotonic();
  }
}

/** Whether the line is up before it counts as stuck. */
const up = async (line: Line): Promise<boolean> => await until(line, ({ state }) => state === "up");

async function until(line: Line, wanted: (state: LineState) => boolean): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  using _listening = line.onChanged((state) => {
    if (wanted(state)) resolve(true);
  });
  using _timer = systemClock.after(STUCK_AFTER_MS, () => resolve(false));
  if (wanted(line.state)) resolve(true);
  return await promise;
}

/** Descriptors that stay: those of what is just being closed are waited for, at most a second. */
async function descriptors(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 20; look++) {
    least = Math.min(least, (await readdir("/proc/self/fd")).length);
    await systemClock.sleep(20);
  }
  return least;
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
