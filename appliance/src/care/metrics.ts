import { statfs } from "node:fs/promises";
import { availableParallelism, loadavg, uptime } from "node:os";
import { MetricSample } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import { cpuTemperature, currentLoad, mem } from "systeminformation";
import type { BoxDatabase } from "../db/index.ts";
import { appendOutbox } from "../sync/index.ts";
import { ProcessWatch } from "./processes.ts";

export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Space of the file system that holds a folder, as a service without root's reserve has it. */
export async function diskSpace(dir: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(dir);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

const DAY_MS = 86_400_000;
/** A day of samples, one every 15 s. */
const KEPT = 5_760;
/** Headquarters has no use for older ones. */
const TTL_MS = 7 * DAY_MS;

export interface MetricsDeps {
  readonly db: BoxDatabase;
  readonly clock: Clock;
  activeCalls(): number;
}

/** How the machine is doing, now and over the last day. */
export class Metrics {
  readonly #deps: MetricsDeps;
  readonly #processes: ProcessWatch;

  constructor(deps: MetricsDeps) {
    this.#deps = deps;
    this.#processes = new ProcessWatch(deps.clock);
  }

  async measure(disk: DiskSpace): Promise<MetricSample> {
    const { clock, activeCalls } = this.#deps;
    const [load, memory, temperature, processes, outbox] = await Promise.all([
      currentLoad(),
      mem(),
      cpuTemperature(),
      this.#processes.look(),
      this.#outbox(),
    ]);
    return {
      at: clock.now(),
      cpuPercent: Math.round(load.currentLoad * 10) / 10,
      memoryUsedBytes: memory.total - memory.available,
      memoryTotalBytes: memory.total,
      diskUsedPercent: Math.round((1 - disk.freeBytes / disk.totalBytes) * 1_000) / 10,
      temperatureC: temperature.main,
      loadPerCore: Math.round(((loadavg()[0] ?? 0) / availableParallelism()) * 100) / 100,
      uptimeSeconds: Math.round(uptime()),
      activeCalls: activeCalls(),
      ...outbox,
      processes,
    };
  }

  /** Keeps a sample, lets the oldest go and puts it on its way to headquarters, in one transaction. */
  async store(sample: MetricSample): Promise<void> {
    await this.#deps.db.transact(async (tx) => {
      const text = JSON.stringify(sample);
      await tx
        .insertInto("metric_sample")
        .values({ at: sample.at, sample: text })
        .onConflict((conflict) => conflict.column("at").doUpdateSet({ sample: text }))
        .execute();
      const oldest = tx.selectFrom("metric_sample").select("at").orderBy("at", "desc").limit(1).offset(KEPT);
      await tx.deleteFrom("metric_sample").where("at", "<=", oldest).execute();
      const rev = Math.floor(sample.at / 1_000);
      const body = { type: "metric.sampled", sample } as const;
      await appendOutbox(tx, this.#deps.clock, { cls: "p3", aggregate: "metrics", rev, body, ttlMs: TTL_MS });
    });
  }

  /** The last ones, the oldest first. */
  async latest(limit = 480): Promise<MetricSample[]> {
    const rows = await this.#deps.db.read((db) =>
      db.selectFrom("metric_sample").select("sample").orderBy("at", "desc").limit(limit).execute(),
    );
    return rows.reverse().map(({ sample }) => MetricSample.parse(JSON.parse(sample)));
  }

  /** From the cursors and the first row of each stream: after a long outage there is too much to count. */
  async #outbox(): Promise<Pick<MetricSample, "outboxLength" | "outboxOldestSeconds">> {
    const { db, clock } = this.#deps;
    return db.read(async (reading) => {
      const cursors = await reading.selectFrom("cursor").selectAll().execute();
      let oldest = Number.POSITIVE_INFINITY;
      for (const { stream } of cursors) {
        const first = await reading
          .selectFrom("outbox")
          .select("wall")
          .where("stream", "=", stream)
          .orderBy("seq")
          .limit(1)
          .executeTakeFirst();
        oldest = Math.min(oldest, first?.wall ?? oldest);
      }
      return {
        outboxLength: cursors.reduce((sum, { last_seq, acked_seq }) => sum + last_seq - acked_seq, 0),
        outboxOldestSeconds: Number.isFinite(oldest) ? Math.max(0, Math.round((clock.now() - oldest) / 1_000)) : 0,
      };
    });
  }
}
