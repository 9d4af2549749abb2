import type { Clock, Log } from "@sitebox/core/kernel";
import type { BoxDatabase, LineUseTable } from "../db/index.ts";
import { type Use, useNow } from "./limits.ts";

export interface LineUsesDeps {
  readonly db: BoxDatabase;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeZone: string;
}

const toUse = (row: LineUseTable): Use => ({
  hour: row.hour,
  calls: row.calls,
  day: row.day,
  callMs: row.call_ms,
  texts: row.texts,
  minute: row.minute,
  minuteTexts: row.minute_texts,
  ...(row.call_ended_at !== null && { callEndedAt: row.call_ended_at }),
});

const toRow = (line: string, use: Use): LineUseTable => ({
  line,
  hour: use.hour,
  calls: use.calls,
  day: use.day,
  call_ms: Math.round(use.callMs),
  texts: use.texts,
  minute: use.minute,
  minute_texts: use.minuteTexts,
  call_ended_at: use.callEndedAt ?? null,
});

/** What lines have done lately. It holds in memory at once and survives a restart; a disk that is full does not stop a call. */
export class LineUses implements AsyncDisposable {
  readonly #deps: LineUsesDeps;
  readonly #uses: Map<string, Use>;
  readonly #day: Intl.DateTimeFormat;
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: LineUsesDeps, uses: Map<string, Use>) {
    this.#deps = deps;
    this.#uses = uses;
    const { timeZone } = deps;
    this.#day = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  }

  of(line: string): Use {
    const at = this.#deps.clock.now();
    return useNow(this.#uses.get(line), at, this.#day.format(at));
  }

  /** A number is dialled by it. */
  called(line: string): void {
    this.#put(line, (use) => ({ ...use, calls: use.calls + 1 }));
  }

  /** A call that was dialled by it is over. */
  ended(line: string, talkedMs: number): void {
    this.#put(line, (use) => ({ ...use, callMs: use.callMs + talkedMs, callEndedAt: this.#deps.clock.now() }));
  }

  texted(line: string): void {
    this.#put(line, (use) => ({ ...use, texts: use.texts + 1, minuteTexts: use.minuteTexts + 1 }));
  }

  forget(line: string): void {
    this.#uses.delete(line);
  }

  /** All is on disk when it resolves. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
  }

  #put(line: string, change: (use: Use) => Use): void {
    const use = change(this.of(line));
    this.#uses.set(line, use);
    const row = toRow(line, use);
    this.#writing = this.#writing.then(() => this.#write(row));
  }

  async #write(row: LineUseTable): Promise<void> {
    try {
      await this.#deps.db.transact((tx) =>
        tx
          .insertInto("line_use")
          .values(row)
          .onConflict((conflict) => conflict.column("line").doUpdateSet(row))
          .execute(),
      );
    } catch (err) {
      this.#deps.log.error("what a line has done could not be written", { line: row.line, err });
    }
  }
}

/** Reads what lines had done before a restart. */
export async function openLineUses(deps: LineUsesDeps): Promise<LineUses> {
  const rows = await deps.db.read((r) => r.selectFrom("line_use").selectAll().execute());
  return new LineUses(deps, new Map(rows.map((row) => [row.line, toUse(row)])));
}
