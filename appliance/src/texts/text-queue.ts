import { readReason, reasonOf } from "@sitebox/core/contract";
import { backoffMs, type Clock, type Log, retry, supervise } from "@sitebox/core/kernel";
import type { TextOutcome, TextPort, TextReport } from "@sitebox/drivers/line";
import type { BoxDatabase } from "../db/index.ts";
import { ageOf, type TextRow } from "./text-rows.ts";

/** What texts need of the lines. */
export interface TextLines {
  /** The text side of a line that can send now; undefined while it cannot. */
  port(line: string): Pick<TextPort, "send"> | undefined;
  /** Why the line may send no text now, and for how long. */
  limit(line: string): { readonly reason: string; readonly againInMs: number } | undefined;
  /** A text is sent by it. */
  sent(line: string): void;
}

export interface TextQueueDeps {
  readonly db: BoxDatabase;
  readonly clock: Clock;
  readonly log: Log;
  readonly lines: TextLines;
  onChanged(row: TextRow): void;
}

const GIVE_UP_MS = 86_400_000;
/** No text waits longer for its next attempt: one that seems to was put off by a clock that went wrong. */
const MOST_WAIT_MS = 3_600_000;
/** A network takes a text within seconds; one part of ten after the other takes longer. */
const SEND_MS = 180_000;
const BACKOFF = { firstMs: 30_000, maxMs: 1_800_000 };
/** A disk that is full is made room on, and a lock is let go, sooner or later. */
const KEEP_BACKOFF = { firstMs: 1_000, maxMs: 60_000 };
/** Reports come within days (TS 23.040 lets a network keep a text so long); references are used again after 256 texts. */
const REPORT_MS = 3 * 86_400_000;
const MOST_EARLY = 100;

/** When a text is tried and when it is given up, monotonic ms. */
interface Due {
  readonly at: number;
  readonly giveUpAt: number;
}

/** Waiting for a limit is no reason why a text never went. */
const isLimit = (reason: string): boolean => readReason(reason)?.code.startsWith("its-limit-of-") ?? false;

/**
 * Texts on their way out: one after the other on each line, again where it may go through later, given up after a day.
 * What was being sent when the box stopped may have gone out, and is not sent again: two tickets' numbers would confuse more than none, and the
 * ticket is there. Answers to calls for help go first and past the limits of their line. How long a text has waited is measured without the
 * wall clock, which may be put right by years meanwhile; only what an earlier run of the box put off is planned by it.
 */
export class TextQueue implements AsyncDisposable {
  readonly #deps: TextQueueDeps;
  readonly #stopping = new AbortController();
  readonly #sending = new Map<string, Promise<void>>();
  /** Reports that were told before the text they are about was written as sent. */
  readonly #early = new Map<string, TextReport>();
  readonly #due = new Map<string, Due>();
  #wake = Promise.withResolvers<void>();
  #job: Promise<void> | undefined;

  constructor(deps: TextQueueDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const { db, clock, log } = this.#deps;
    await db.transact((tx) =>
      tx
        .updateTable("text_message")
        .set({
          state: "failed",
          reason: reasonOf("the box stopped while it was being sent; it may have arrived"),
          settled_at: clock.now(),
        })
        .where("state", "=", "sending")
        .execute(),
    );
    const { signal } = this.#stopping;
    this.#job = supervise("texts out", () => this.#run(signal), { clock, log, signal });
  }

  /** Something may be sendable that was not: a text is new, a line is up. */
  wake(): void {
    this.#wake.resolve();
  }

  /** What the network says has become of a text. */
  async report(line: string, report: TextReport): Promise<void> {
    const { db, clock } = this.#deps;
    const now = clock.now();
    // Kept before it is looked for: whichever of the two comes last finds the other.
    const key = `${line} ${report.reference}`;
    this.#early.set(key, report);
    const sent = await db.read((r) =>
      r
        .selectFrom("text_message")
        .select(["id", "at"])
        .where("line", "=", line)
        .where("reference", "=", report.reference)
        .where("state", "=", "sent")
        .orderBy("seq", "desc")
        .executeTakeFirst(),
    );
    if (sent && ageOf(sent.at, now) < REPORT_MS) {
      this.#early.delete(key);
      return this.#settle(sent.id, { state: report.outcome, reason: report.reason ?? null });
    }
    const [oldest] = this.#early.keys();
    if (this.#early.size > MOST_EARLY && oldest !== undefined) this.#early.delete(oldest);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#job;
    await Promise.all(this.#sending.values());
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const woken = Promise.withResolvers<void>();
      this.#wake = woken;
      const nextAt = await this.#look();
      using _timer = this.#deps.clock.after(Math.max(0, nextAt - this.#deps.clock.monotonic()), () => woken.resolve());
      await woken.promise;
    }
  }

  /** Sends what can be sent. Answers when (monotonic ms) there will be something to do again, if nobody wakes it before. */
  async #look(): Promise<number> {
    const { db, clock, lines } = this.#deps;
    const waiting = await db.read((r) =>
      r.selectFrom("text_message").selectAll().where("state", "=", "waiting").orderBy("seq").execute(),
    );
    const now = clock.monotonic();
    let nextAt = now + GIVE_UP_MS;
    for (const row of waiting.toSorted((a, b) => Number(isUrgent(b)) - Number(isUrgent(a)))) {
      const { at: dueAt, giveUpAt } = this.#dueOf(row);
      if (giveUpAt <= now) {
        await this.#settle(row.id, { state: "failed", reason: whyGivenUp(row) });
        continue;
      }
      nextAt = Math.min(nextAt, giveUpAt, dueAt > now ? dueAt : Number.POSITIVE_INFINITY);
      const port = lines.port(row.line);
      if (dueAt > now || !port || this.#sending.has(row.line)) continue;
      const limit = isUrgent(row) ? undefined : lines.limit(row.line);
      if (limit) {
        await this.#later(row, limit.reason, limit.againInMs);
        nextAt = Math.min(nextAt, now + limit.againInMs);
        continue;
      }
      const sending = this.#send(row, port)
        .catch((err: unknown) => {
          if (!this.#stopping.signal.aborted) this.#deps.log.error("a text could not be dealt with", { text: row.id, err });
        })
        .finally(() => {
          this.#sending.delete(row.line);
          this.wake();
        });
      this.#sending.set(row.line, sending);
    }
    return nextAt;
  }

  #dueOf(row: TextRow): Due {
    const known = this.#due.get(row.id);
    if (known) return known;
    const { clock } = this.#deps;
    const [now, monotonic] = [clock.now(), clock.monotonic()];
    const waitMs = (row.next_at ?? now) - now;
    const due: Due = {
      at: monotonic + (waitMs > MOST_WAIT_MS ? 0 : waitMs),
      giveUpAt: monotonic + GIVE_UP_MS - ageOf(row.at, now),
    };
    this.#due.set(row.id, due);
    return due;
  }

  async #send(row: TextRow, port: Pick<TextPort, "send">): Promise<void> {
    const { db, log, lines } = this.#deps;
    const attempts = row.attempts + 1;
    await this.#kept(row.id, () =>
      db.transact((tx) => tx.updateTable("text_message").set({ state: "sending", attempts }).where("id", "=", row.id).execute()),
    );
    lines.sent(row.line);
    const outcome = await this.#given(row, port);
    if (outcome.type === "failed" && outcome.retry) {
      log.warn("a text did not go out, it is tried again", { text: row.id, line: row.line, attempts, reason: outcome.reason });
      return this.#later({ ...row, attempts }, outcome.reason, backoffMs(attempts - 1, BACKOFF));
    }
    log.info("a text was sent", { text: row.id, line: row.line, outcome: outcome.type });
    if (outcome.type === "failed") return this.#settle(row.id, { state: "failed", reason: outcome.reason });
    const { reference = null } = outcome;
    await this.#settle(row.id, { state: "sent", reason: null, reference });
    const key = `${row.line} ${reference}`;
    const early = this.#early.get(key);
    this.#early.delete(key);
    if (early) await this.#settle(row.id, { state: early.outcome, reason: early.reason ?? null });
  }

  async #given(row: TextRow, port: Pick<TextPort, "send">): Promise<TextOutcome> {
    const { clock } = this.#deps;
    const late = new AbortController();
    using _timer = clock.after(SEND_MS, () => late.abort());
    const signal = AbortSignal.any([this.#stopping.signal, late.signal]);
    try {
      return await port.send(row.number, row.text, { signal, ...(row.port !== null && { port: row.port }) });
    } catch (error) {
      return { type: "failed", reason: error instanceof Error ? error.message : String(error), retry: true };
    }
  }

  #later(row: TextRow, reason: string, ms: number): Promise<void> {
    this.#due.set(row.id, { ...this.#dueOf(row), at: this.#deps.clock.monotonic() + ms });
    return this.#write(row.id, { state: "waiting", reason, next_at: this.#deps.clock.now() + ms });
  }

  #settle(id: string, change: Pick<TextRow, "state" | "reason"> & Partial<Pick<TextRow, "reference">>): Promise<void> {
    this.#due.delete(id);
    return this.#write(id, { ...change, settled_at: this.#deps.clock.now(), next_at: null });
  }

  async #write(id: string, change: Partial<TextRow>): Promise<void> {
    const row = await this.#kept(id, () =>
      this.#deps.db.transact((tx) =>
        tx.updateTable("text_message").set(change).where("id", "=", id).returningAll().executeTakeFirst(),
      ),
    );
    if (row) this.#deps.onChanged(row);
  }

  /** What became of a text happens once: a write that the database refuses is tried until it is kept. Its line sends no other text meanwhile. */
  async #kept<T>(text: string, write: () => Promise<T>): Promise<T> {
    const { clock, log } = this.#deps;
    const { signal } = this.#stopping;
    const trying = async () => {
      try {
        return await write();
      } catch (err) {
        log.error("what became of a text could not be written, it is tried again", { text, err });
        throw err;
      }
    };
    try {
      // Also while the box stops: what the line has said is known only here.
      return await trying();
    } catch (error) {
      if (signal.aborted) throw error;
    }
    return retry(trying, { clock, signal, times: Number.POSITIVE_INFINITY, backoff: KEEP_BACKOFF });
  }
}

/** Who calls for help has to know at once that it came in. */
const isUrgent = ({ purpose }: TextRow): boolean => purpose === "emergency";

function whyGivenUp({ reason }: TextRow): string {
  if (reason === null) return reasonOf("the line was down for a day");
  return isLimit(reason) ? reasonOf("it did not go out within a day") : reason;
}
