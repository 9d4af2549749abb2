import type { CallLegStats, LineQuality } from "@sitebox/core/contract";
import { type Clock, type Log, supervise } from "@sitebox/core/kernel";
import type { LineState } from "@sitebox/drivers/line";
import type { BoxDatabase } from "../db/index.ts";

export interface LineQualitiesDeps {
  readonly db: BoxDatabase;
  readonly clock: Clock;
  readonly log: Log;
}

const DAY_MS = 86_400_000;
const REFRESH_MS = 60_000;

const nothing: LineQuality = {
  callsIn: 0,
  callsOut: 0,
  answered: 0,
  failed: 0,
  minutes: 0,
  textsIn: 0,
  textsOut: 0,
  textsFailed: 0,
  outages: 0,
  downMinutes: 0,
};

interface LegRow {
  readonly direction: "in" | "out";
  readonly answered_at: number | null;
  readonly ended_at: number | null;
  readonly cause?: string | null | undefined;
  readonly stats: string | null;
}
interface TextRow {
  readonly direction: "in" | "out";
  readonly state: string;
}
interface OutageRow {
  readonly from_at: number;
  readonly until_at: number | null;
}

const tenth = (value: number) => Math.round(value * 10) / 10;

/** What the records of a day say of a line. */
function judged(legs: readonly LegRow[], texts: readonly TextRow[], outages: readonly OutageRow[], now: number): LineQuality {
  const talkedMs = legs.reduce((sum, leg) => sum + (leg.answered_at === null ? 0 : (leg.ended_at ?? now) - leg.answered_at), 0);
  const out = legs.filter(({ direction }) => direction === "out");
  const mos = legs.flatMap(({ stats }) => (stats === null ? [] : ((JSON.parse(stats) as CallLegStats).mos ?? [])));
  const downMs = outages.reduce((sum, one) => sum + (one.until_at ?? now) - Math.max(one.from_at, now - DAY_MS), 0);
  const sent = texts.filter(({ direction }) => direction === "out");
  return {
    callsIn: legs.length - out.length,
    callsOut: out.length,
    answered: out.filter(({ answered_at }) => answered_at !== null).length,
    failed: out.filter(({ answered_at, cause }) => answered_at === null && (cause === "unreachable" || cause === "failed"))
      .length,
    minutes: tenth(talkedMs / 60_000),
    textsIn: texts.length - sent.length,
    textsOut: sent.filter(({ state }) => state === "sent" || state === "delivered").length,
    textsFailed: sent.filter(({ state }) => state === "failed").length,
    outages: outages.length,
    downMinutes: tenth(downMs / 60_000),
    ...(mos.length > 0 && { mos: tenth(mos.reduce((sum, one) => sum + one, 0) / mos.length) }),
  };
}

/** How lines did in the last 24 hours, from the records of calls, texts and outages. Figures are a minute old at most. */
export class LineQualities implements AsyncDisposable {
  readonly #deps: LineQualitiesDeps;
  readonly #stopping = new AbortController();
  readonly #down = new Set<string>();
  #known: ReadonlyMap<string, LineQuality> = new Map();
  #writing: Promise<void> = Promise.resolve();
  #job: Promise<void> | undefined;

  constructor(deps: LineQualitiesDeps) {
    this.#deps = deps;
  }

  /** Ends what was an outage when the box stopped: whether it still is one will be seen. */
  async start(): Promise<void> {
    const { db, clock, log } = this.#deps;
    const { signal } = this.#stopping;
    await db.transact(async (tx) => {
      await tx.updateTable("line_outage").set({ until_at: clock.now() }).where("until_at", "is", null).execute();
      await tx
        .deleteFrom("line_outage")
        .where("until_at", "<", clock.now() - DAY_MS)
        .execute();
    });
    this.#job = supervise(
      "line quality",
      async () => {
        for (;;) {
          await this.refresh();
          await clock.sleep(REFRESH_MS, signal);
        }
      },
      { clock, log, signal },
    );
  }

  of(line: string): LineQuality {
    return this.#known.get(line) ?? nothing;
  }

  /** Told of every change of a line: a line that was switched off has no outage. */
  take({ name, state, fault }: LineState): void {
    const down = state === "down" && fault !== "switched-off";
    if (down === this.#down.has(name) || state === "starting") return;
    if (down) this.#down.add(name);
    else this.#down.delete(name);
    const at = this.#deps.clock.now();
    this.#writing = this.#writing.then(() => this.#write(name, down, at));
  }

  /** The line is gone, and its outage with it. */
  forget(name: string): void {
    if (this.#down.has(name)) this.take({ name, state: "up", calls: 0, maxCalls: 0 });
  }

  async refresh(): Promise<void> {
    const { db, clock } = this.#deps;
    await this.#writing;
    const now = clock.now();
    const since = now - DAY_MS;
    const { legs, texts, outages } = await db.read(async (r) => ({
      legs: await r
        .selectFrom("call_leg")
        .select(["line", "direction", "answered_at", "ended_at", "cause", "stats"])
        .where("started_at", ">=", since)
        .where("line", "is not", null)
        .execute(),
      texts: await r.selectFrom("text_message").select(["line", "direction", "state"]).where("at", ">=", since).execute(),
      outages: await r
        .selectFrom("line_outage")
        .select(["line", "from_at", "until_at"])
        .where((eb) => eb.or([eb("until_at", "is", null), eb("until_at", ">=", since)]))
        .execute(),
    }));
    const names = new Set([...legs, ...texts, ...outages].flatMap(({ line }) => line ?? []));
    const ofLine = <T extends { readonly line: string | null }>(rows: readonly T[], name: string) =>
      rows.filter(({ line }) => line === name);
    this.#known = new Map(
      [...names].map((name) => [name, judged(ofLine(legs, name), ofLine(texts, name), ofLine(outages, name), now)]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#job;
    await this.#writing;
  }

  async #write(line: string, down: boolean, at: number): Promise<void> {
    const { db, log } = this.#deps;
    try {
      await db.transact(async (tx) => {
        if (down) await tx.insertInto("line_outage").values({ line, from_at: at, until_at: null }).execute();
        else
          await tx
            .updateTable("line_outage")
            .set({ until_at: at })
            .where("line", "=", line)
            .where("until_at", "is", null)
            .execute();
      });
    } catch (err) {
      log.error("an outage could not be written", { line, err });
    }
  }
}
