import { EventEmitter } from "node:events";
import {
  type Call,
  CallId,
  type CallLeg,
  type CallMoment,
  type CallOutcome,
  type CallState,
  type CallWithMoments,
  type TicketId,
} from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { BoxDatabase, BoxTransaction, CallTable } from "../db/index.ts";
import { appendOutbox } from "../sync/index.ts";
import { legOfRow, rowOfLeg } from "./call-legs.ts";

/** Facts about calls, for pages that show them. */
export interface CallEvents {
  callChanged: [Call];
  /** A side of a call is as this says, whether or not it could be written. */
  legChanged: [CallLeg];
  moment: [CallId, CallMoment];
}

export interface CallStoreDeps {
  readonly db: BoxDatabase;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether callers' numbers may leave the site. */
  readonly syncPersonalData: boolean;
}

const fromRow = (row: CallTable): Call => ({
  id: CallId.parse(row.id),
  channel: row.channel,
  callerNumber: row.caller_number,
  dialled: row.dialled,
  state: row.state,
  startedAt: row.started_at,
  ...(row.answered_at !== null && { answeredAt: row.answered_at }),
  ...(row.ended_at !== null && { endedAt: row.ended_at }),
  ...(row.outcome !== null && { outcome: row.outcome }),
  ticketIds: JSON.parse(row.ticket_ids) as TicketId[],
  hasRecording: row.recording_file !== null,
  ...(row.tested_line !== null && { testedLine: row.tested_line }),
});

/** The site's own numbers are no personal data; those that are dialled outside are. */
const withoutNumbers = (call: Call): Call => ({
  ...call,
  callerNumber: "",
  ...(call.outcome === "outside" || call.dialled.length > LONGEST_EXTENSION ? { dialled: "" } : {}),
});

/** Digits of the longest number that is taken for one of the site's own. */
const LONGEST_EXTENSION = 6;

/**
 * The records of calls and what was said in them. A call goes on when its record cannot be written (a full disk):
 * records of calls that are up are kept in memory, and each change writes the whole record anew.
 */
export class CallStore {
  readonly events = new EventEmitter<CallEvents>();
  readonly #deps: CallStoreDeps;
  readonly #up = new Map<string, CallTable>();

  constructor(deps: CallStoreDeps) {
    this.#deps = deps;
  }

  /** Ends the records that a crash left open: their recordings are readable, their tickets are where they were committed. */
  async closeAbandoned(): Promise<number> {
    const { db, clock } = this.#deps;
    const open = await db.read((r) => r.selectFrom("call").selectAll().where("ended_at", "is", null).execute());
    for (const row of open) {
      const callId = CallId.parse(row.id);
      this.#up.set(callId, row);
      await this.add(callId, { atMs: 0, type: "fault", text: "the box stopped during this call" });
      await db.transact((tx) =>
        tx
          .updateTable("call_leg")
          .set({ ended_at: clock.now(), cause: "failed" })
          .where("call_id", "=", callId)
          .where("ended_at", "is", null)
          .execute(),
      );
      await this.end(callId, row.ticket_ids === "[]" ? "failed" : "ticket", clock.now());
    }
    return open.length;
  }

  async begin(call: Pick<Call, "channel" | "callerNumber" | "dialled" | "testedLine">): Promise<Call> {
    const row: CallTable = {
      id: crypto.randomUUID(),
      channel: call.channel,
      caller_number: call.callerNumber,
      dialled: call.dialled,
      state: "ringing",
      started_at: this.#deps.clock.now(),
      answered_at: null,
      ended_at: null,
      outcome: null,
      ticket_ids: "[]",
      recording_file: null,
      tested_line: call.testedLine ?? null,
    };
    this.#up.set(row.id, row);
    return this.#change(CallId.parse(row.id), {});
  }

  /** `recordingFile` is relative to the data folder. */
  answered(id: CallId, recordingFile: string | null): Promise<Call> {
    return this.#change(id, { answered_at: this.#deps.clock.now(), recording_file: recordingFile });
  }

  moved(id: CallId, state: CallState): Promise<Call> {
    return this.#change(id, { state });
  }

  addTicket(id: CallId, ticket: TicketId): Promise<Call> {
    const ticketIds = JSON.parse(this.#up.get(id)?.ticket_ids ?? "[]") as TicketId[];
    return this.#change(id, { ticket_ids: JSON.stringify([...ticketIds, ticket]) });
  }

  /** Where the recording is, relative to the data folder; null where somebody did not want it. */
  recorded(id: CallId, file: string | null): Promise<Call> {
    return this.#change(id, { recording_file: file });
  }

  /** Writes one side of a call, anew at each change. A side that went on in another call is written with that one. */
  async saveLeg(id: CallId, leg: CallLeg): Promise<void> {
    const row = rowOfLeg(id, leg);
    this.events.emit("legChanged", leg);
    try {
      await this.#deps.db.transact((tx) =>
        tx
          .insertInto("call_leg")
          .values(row)
          .onConflict((conflict) => conflict.column("id").doUpdateSet(row))
          .execute(),
      );
    } catch (err) {
      this.#deps.log.error("the record of a call's side could not be written", { call: id, err });
    }
  }

  /** The record and what headquarters is told of it are written together. */
  async end(id: CallId, outcome: CallOutcome, endedAt = this.#deps.clock.now()): Promise<Call> {
    const { clock, syncPersonalData } = this.#deps;
    const ended = await this.#change(id, { state: "ended", outcome, ended_at: endedAt }, (tx, call) =>
      appendOutbox(tx, clock, {
        cls: "p2",
        aggregate: `call/${id}`,
        rev: 1,
        body: { type: "call.ended", call: syncPersonalData ? call : withoutNumbers(call) },
      }),
    );
    this.#up.delete(id);
    return ended;
  }

  /** One line of the call's timeline. Committed before it resolves. */
  async add(id: CallId, moment: CallMoment): Promise<void> {
    await this.#deps.db.transact((tx) =>
      tx
        .insertInto("call_moment")
        .values({
          call_id: id,
          at_ms: Math.round(moment.atMs),
          type: moment.type,
          text: moment.text,
          data: moment.data ? JSON.stringify(moment.data) : null,
        })
        .execute(),
    );
    this.events.emit("moment", id, moment);
  }

  async find(id: string): Promise<CallWithMoments | undefined> {
    return this.#deps.db.read(async (r) => {
      const row = await r.selectFrom("call").selectAll().where("id", "=", id).executeTakeFirst();
      if (!row) return undefined;
      const moments = await r.selectFrom("call_moment").selectAll().where("call_id", "=", id).orderBy("seq").execute();
      const legs = await r.selectFrom("call_leg").selectAll().where("call_id", "=", id).orderBy("started_at").execute();
      return {
        ...fromRow(row),
        legs: legs.map(legOfRow),
        moments: moments.map(({ at_ms, type, text, data }) => ({
          atMs: at_ms,
          type,
          text,
          ...(data !== null && { data: JSON.parse(data) as Record<string, unknown> }),
        })),
      };
    });
  }

  list(limit: number): Promise<Call[]> {
    return this.#deps.db.read(async (r) =>
      (await r.selectFrom("call").selectAll().orderBy("started_at", "desc").limit(limit).execute()).map(fromRow),
    );
  }

  /** Where the recording is, relative to the data folder. */
  async recordingFile(id: string): Promise<string | undefined> {
    const row = await this.#deps.db.read((r) =>
      r.selectFrom("call").select("recording_file").where("id", "=", id).executeTakeFirst(),
    );
    return row?.recording_file ?? undefined;
  }

  async #change(id: CallId, change: Partial<CallTable>, also?: (tx: BoxTransaction, call: Call) => Promise<void>): Promise<Call> {
    const { db, log } = this.#deps;
    const before = this.#up.get(id);
    if (!before) throw new Error(`the call ${id} is not up`);
    const row: CallTable = { ...before, ...change };
    this.#up.set(id, row);
    const call = fromRow(row);
    try {
      await db.transact(async (tx) => {
        await tx
          .insertInto("call")
          .values(row)
          .onConflict((conflict) => conflict.column("id").doUpdateSet(row))
          .execute();
        await also?.(tx, call);
      });
    } catch (err) {
      log.error("the record of a call could not be written; the call goes on", { call: id, err });
    }
    this.events.emit("callChanged", call);
    return call;
  }
}
