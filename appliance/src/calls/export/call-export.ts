import type { CallLegStats } from "@sitebox/core/contract";
import { mask } from "@sitebox/core/kernel";
import type { BoxDatabase } from "../../db/index.ts";
import { formatCsv } from "./csv.ts";
import { type ExportLanguage, type ExportWord, words } from "./locales/index.ts";

export interface CallExportDeps {
  readonly db: BoxDatabase;
  /** IANA name of the site's time zone. */
  readonly timeZone: string;
}

export interface ExportQuery {
  /** Calls that began in this time, ms since 1970; all that are kept where absent. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Numbers in full; masked otherwise. */
  readonly personal: boolean;
  readonly language: ExportLanguage;
}

/** Sides of calls in one file: a year of a large site. */
const MOST_ROWS = 500_000;

const COLUMNS: readonly ExportWord[] = [
  "call",
  "channel",
  "direction",
  "line",
  "number",
  "dialled",
  "started",
  "answered",
  "ended",
  "seconds",
  "cause",
  "outcome",
  "tickets",
  "codec",
  "secure",
  "mos",
  "loss",
  "jitter",
];

/** Call detail records as a table: one line for each side of a call, the oldest first. */
export class CallExport {
  readonly #deps: CallExportDeps;

  constructor(deps: CallExportDeps) {
    this.#deps = deps;
  }

  async csv(query: ExportQuery): Promise<Uint8Array> {
    const { timeZone } = this.#deps;
    const word = words[query.language];
    // Swedish writes dates as ISO 8601 does, which spreadsheets of every language read.
    const format = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone });
    const time = (at: number | null) => (at === null ? "" : format.format(at));
    const number = (text: string) => (query.personal || text.length <= LONGEST_EXTENSION ? text : mask(text));
    const rows = (await this.#rows(query)).map((row) => {
      const stats = row.stats === null ? undefined : (JSON.parse(row.stats) as CallLegStats);
      return [
        row.call_id,
        row.channel,
        word[row.direction],
        row.line ?? "",
        number(row.number),
        number(row.dialled),
        time(row.started_at),
        time(row.answered_at),
        time(row.ended_at),
        row.answered_at !== null && row.ended_at !== null ? Math.round((row.ended_at - row.answered_at) / 1_000) : "",
        row.cause ?? "",
        row.outcome ?? "",
        (JSON.parse(row.ticket_ids) as unknown[]).length,
        row.codec ?? "",
        row.secure === null ? "" : row.secure === 1 ? word.yes : word.no,
        stats?.mos?.toFixed(1) ?? "",
        stats ? lossOf(stats) : "",
        stats ? Math.round(stats.jitterMs) : "",
      ];
    });
    return new TextEncoder().encode(formatCsv([COLUMNS.map((column) => word[column]), ...rows]));
  }

  #rows({ from = 0, to = Number.MAX_SAFE_INTEGER }: ExportQuery) {
    return this.#deps.db.read((r) =>
      r
        .selectFrom("call_leg")
        .innerJoin("call", "call.id", "call_leg.call_id")
        .selectAll("call_leg")
        .select(["call.channel", "call.dialled", "call.outcome", "call.ticket_ids"])
        .where("call.started_at", ">=", from)
        .where("call.started_at", "<", to)
        .orderBy("call_leg.started_at")
        .limit(MOST_ROWS)
        .execute(),
    );
  }
}

/** Digits of the longest number that is taken for one of the site's own. */
const LONGEST_EXTENSION = 6;

function lossOf({ receivedPackets, lostPackets }: CallLegStats): string {
  const expected = receivedPackets + lostPackets;
  return expected === 0 ? "" : ((100 * lostPackets) / expected).toFixed(1);
}
