import { EventEmitter } from "node:events";
import {
  type Alarm,
  type AlarmChange,
  alarmOf,
  type BoxConfig,
  type BoxHealth,
  type MetricSample,
  troubleOf,
} from "@sitebox/core/contract";
import { type Clock, type Log, supervise } from "@sitebox/core/kernel";
import type { BoxDatabase } from "../db/index.ts";
import { Alarms } from "./alarms.ts";
import { aggregate, type HealthProbe, type PartState } from "./health.ts";
import { type DiskSpace, diskSpace, Metrics } from "./metrics.ts";
import { giveUpReserve } from "./reserve.ts";
import { type DeletionReceipt, Retention } from "./retention.ts";

export interface CareEvents {
  sampled: [MetricSample];
  /** Emitted when anything in it is different from before. */
  healthChanged: [BoxHealth];
  alarmChanged: [Alarm];
}

export interface CareDeps {
  readonly config: Pick<BoxConfig, "box" | "dataDir" | "retention"> & { readonly site: { readonly name: string } };
  readonly software: string;
  readonly db: BoxDatabase;
  readonly clock: Clock;
  readonly log: Log;
  activeCalls(): number;
  /** The other parts of the box; disk and storage are care's own. */
  readonly probes: readonly HealthProbe[];
  /** Of the data folder; for tests. */
  readonly disk?: () => Promise<DiskSpace>;
  readonly voiceDirs?: readonly string[];
}

const SAMPLE_MS = 15_000;
const RETENTION_MS = 86_400_000;
const MB = 1_000_000;
const LOW_BYTES = 500 * MB;
/** It has to get clearly better before the alarm ends. */
const ENOUGH_BYTES = 600 * MB;

/** Looks after the box: measures it, says how it is, raises alarms, deletes what must not stay. */
export class Care implements AsyncDisposable {
  readonly events = new EventEmitter<CareEvents>();
  readonly #deps: CareDeps;
  readonly #alarms: Alarms;
  readonly #metrics: Metrics;
  readonly #retention: Retention;
  readonly #stopping = new AbortController();
  readonly #jobs: Promise<void>[] = [];
  #diskLow = false;
  #freeBytes = Number.POSITIVE_INFINITY;
  #storageFault: string | undefined;
  #health = "";
  #raised = Promise.withResolvers<void>();

  constructor(deps: CareDeps) {
    const log = deps.log.child("care");
    this.#deps = { ...deps, log };
    this.#alarms = new Alarms({ ...deps, log });
    this.#metrics = new Metrics(deps);
    const { dataDir, retention } = deps.config;
    this.#retention = new Retention({
      ...deps,
      log,
      dataDir,
      retention,
      voiceDirs: deps.voiceDirs ?? ["recordings", "messages"],
    });
    this.#alarms.events.on("alarmChanged", (alarm) => this.events.emit("alarmChanged", alarm));
  }

  async start(): Promise<void> {
    await this.#alarms.load();
    this.#diskLow = this.#alarms.active.some(({ code }) => code === "disk-low");
    const { clock, log } = this.#deps;
    const { signal } = this.#stopping;
    const every = (name: string, ms: number, run: () => Promise<unknown>) =>
      supervise(
        name,
        async () => {
          for (;;) {
            await run();
            await clock.sleep(ms, signal);
          }
        },
        { clock, log, signal },
      );
    this.#jobs.push(
      every("measure", SAMPLE_MS, () => this.#look()),
      every("retention", RETENTION_MS, () => this.#retention.run()),
      supervise("alarms", () => this.#tellAlarms(signal), { clock, log, signal }),
    );
  }

  async health(): Promise<BoxHealth> {
    const { config, software, probes } = this.#deps;
    const own: HealthProbe[] = [
      { name: "disk", essential: false, state: () => this.#diskState() },
      { name: "storage", essential: true, state: () => this.#storageState() },
    ];
    const health = await aggregate([...own, ...probes], { box: config.box, site: config.site.name, software });
    const { alarms } = this;
    return alarms.length > 0 ? { ...health, alarms } : health;
  }

  /** The last two hours, the oldest first. */
  metrics(): Promise<MetricSample[]> {
    return this.#metrics.latest();
  }

  get alarms(): Alarm[] {
    return this.#alarms.active;
  }

  /** Raises or ends an alarm of another part. It is stored and told at once, not with the next sample. */
  alarm(alarm: AlarmChange): void {
    this.#alarms.set(alarm);
    this.#raised.resolve();
  }

  /** Somebody could not write to disk. The next write that succeeds ends it. */
  storageFailed(error: unknown): void {
    this.#storageFault = error instanceof Error ? error.message : String(error);
    const { config, log } = this.#deps;
    this.#jobs.push(
      giveUpReserve(config.dataDir, log).catch((err: unknown) => log.error("the reserve cannot be given up", { err })),
    );
    this.#alarms.set({ code: "storage", severity: "critical", ...alarmOf("storage"), active: true });
  }

  /** Deletes what is too old at once instead of at the daily time. */
  deleteOld(): Promise<DeletionReceipt> {
    return this.#retention.run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#raised.resolve();
    await Promise.all(this.#jobs);
  }

  async #look(): Promise<void> {
    const space = await (this.#deps.disk ?? (() => diskSpace(this.#deps.config.dataDir)))();
    const becameLow = this.#judge(space);
    const sample = await this.#metrics.measure(space);
    try {
      await this.#metrics.store(sample);
      this.#storageFault = undefined;
      this.#alarms.set({ code: "storage", severity: "critical", text: "the box can write to its disk again", active: false });
      await this.#alarms.save();
    } catch (err) {
      // The disk being full is a state of the box to be shown, not a reason to stop looking.
      this.#deps.log.error("a sample could not be stored", { err });
      this.storageFailed(err);
    }
    if (becameLow) await this.#retention.run();
    this.events.emit("sampled", sample);
    await this.#tellHealth();
  }

  async #tellAlarms(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#raised.promise;
      this.#raised = Promise.withResolvers<void>();
      await this.#tellHealth();
      await this.#alarms.save();
    }
  }

  async #tellHealth(): Promise<void> {
    const health = await this.health();
    const text = JSON.stringify(health);
    if (text === this.#health) return;
    this.#health = text;
    this.events.emit("healthChanged", health);
  }

  #judge({ freeBytes }: DiskSpace): boolean {
    const before = this.#diskLow;
    this.#freeBytes = freeBytes;
    this.#diskLow = freeBytes < (before ? ENOUGH_BYTES : LOW_BYTES);
    const alarm = { code: "disk-low", severity: "critical" } as const;
    if (this.#diskLow) this.#alarms.set({ ...alarm, ...alarmOf("disk-low", { megabytes: LOW_BYTES / MB }), active: true });
    else this.#alarms.set({ ...alarm, text: "there is disk space again", active: false });
    return this.#diskLow && !before;
  }

  #diskState(): PartState {
    if (!this.#diskLow) return { state: "ok" };
    return { state: "degraded", ...troubleOf("disk-low", { megabytes: Math.round(this.#freeBytes / MB) }) };
  }

  #storageState(): PartState {
    if (this.#storageFault === undefined) return { state: "ok" };
    return { state: "failed", ...troubleOf("storage", { why: this.#storageFault }) };
  }
}

/** Starts looking after the box. */
export async function openCare(deps: CareDeps): Promise<Care> {
  const care = new Care(deps);
  await care.start();
  return care;
}
