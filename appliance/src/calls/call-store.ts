import { EventEmitter } from "node:events";
import {
  type Call,
  CallId,
  type CallMoment,
  type CallOutcome,
  type CallState,
  type CallWithMoments,
  type TicketId,
} from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { BoxDatabase, CallTable } from "../db/index.ts";
import { appendOutbox } from "../sync/index.ts";

/** Facts about calls, for pages that show them. */
export interface CallEvents {
  callChanged: [Call];
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
});

/** The records of calls and what was said in them. */
export class CallStore {
  readonly events = new EventEmitter<CallEvents>();
  readonly #deps: CallStoreDeps;

  constructor(deps: CallStoreDeps) {
    this.#deps = deps;
  }

  /** Ends the records that a crash left open: their recordings are readable, their tickets are where they were committed. */
  async closeAbandoned(): Promise<number> {
    const { db, clock } = this.#deps;
    const open = await db.read((r) => r.selectFrom("call").select("id").where("ended_at", "is", null).execute());
    for (const { id } of open) {
      const callId = CallId.parse(id);
      await this.add(callId, { atMs: 0, type: "fault", text: "the box stopped during this call" });
      const { ticketIds } = await this.get(callId);
      await this.end(callId, ticketIds.length > 0 ? "ticket" : "failed", clock.now());
    }
    return open.length;
  }

  async begin(call: Pick<Call, "channel" | "callerNumber" | "dialled">): Promise<Call> {
    const { db, clock } = this.#deps;
    const row: CallTable = {
      id: crypto.randomUUID(),
      channel: call.channel,
      caller_number: call.callerNumber,
      dialled: call.dialled,
      state: "ringing",
      started_at: clock.now(),
      answered_at: null,
      ended_at: null,
      outcome: null,
      ticket_ids: "[]",
      recording_file: null,
    };
    await db.transact((tx) => tx.insertInto("call").values(row).execute());
    const begun = fromRow(row);
    this.events.emit("callChanged", begun);
    return begun;
  }

  /** `recordingFile` is relative to the data folder. */
  answered(id: CallId, recordingFile: string | null): Promise<Call> {
    return this.#update(id, { answered_at: this.#deps.clock.now(), recording_file: recordingFile });
  }

  moved(id: CallId, state: CallState): Promise<Call> {
    return this.#update(id, { state });
  }

  async addTicket(id: CallId, ticket: TicketId): Promise<Call> {
    const { ticketIds } = await this.get(id);
    return this.#update(id, { ticket_ids: JSON.stringify([...ticketIds, ticket]) });
  }

  async end(id: CallId, outcome: CallOutcome, endedAt = this.#deps.clock.now()): Promise<Call> {
    const { db, clock, syncPersonalData } = this.#deps;
    const ended = await db.transact(async (tx) => {
      const row = await tx
        .updateTable("call")
        .set({ state: "ended", outcome, ended_at: endedAt })
        .where("id", "=", id)
        .returningAll()
        .executeTakeFirstOrThrow();
      const call = fromRow(row);
      const told = syncPersonalData ? call : { ...call, callerNumber: "" };
      await appendOutbox(tx, clock, { cls: "p2", aggregate: `call/${id}`, rev: 1, body: { type: "call.ended", call: told } });
      return call;
    });
    this.events.emit("callChanged", ended);
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

  async get(id: CallId): Promise<CallWithMoments> {
    const found = await this.find(id);
    if (!found) throw new Error(`there is no call ${id}`);
    return found;
  }

  async find(id: string): Promise<CallWithMoments | undefined> {
    return this.#deps.db.read(async (r) => {
      const row = await r.selectFrom("call").selectAll().where("id", "=", id).executeTakeFirst();
      if (!row) return undefined;
      const moments = await r.selectFrom("call_moment").selectAll().where("call_id", "=", id).orderBy("seq").execute();
      return {
        ...fromRow(row),
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

  async #update(id: CallId, change: Partial<CallTable>): Promise<Call> {
    const row = await this.#deps.db.transact((tx) =>
      tx.updateTable("call").set(change).where("id", "=", id).returningAll().executeTakeFirstOrThrow(),
    );
    const call = fromRow(row);
    this.events.emit("callChanged", call);
    return call;
  }
}
