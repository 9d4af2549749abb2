import { EventEmitter } from "node:events";
import {
  type Call,
  CallId,
  type CallLeg,
  type CallMoment,
  type CallOutcome,
  type CallState,
  type TicketId,
} from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { CallEvents } from "../call-store.ts";

/** Records of calls in memory, for tests whose time is virtual: a disk has its own. */
export class MemoryRecords {
  readonly events = new EventEmitter<CallEvents>();
  readonly calls = new Map<CallId, Call>();
  readonly legs = new Map<string, CallLeg & { readonly call: CallId }>();
  readonly moments: (CallMoment & { readonly call: CallId })[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async begin(call: Pick<Call, "channel" | "callerNumber" | "dialled">): Promise<Call> {
    const begun: Call = {
      ...call,
      id: CallId.parse(`c${this.calls.size + 1}`),
      state: "ringing",
      startedAt: this.#clock.now(),
      ticketIds: [],
      hasRecording: false,
    };
    return this.#change(begun.id, begun);
  }

  answered(id: CallId, file: string | null): Promise<Call> {
    return this.#change(id, { answeredAt: this.#clock.now(), hasRecording: file !== null });
  }

  moved(id: CallId, state: CallState): Promise<Call> {
    return this.#change(id, { state });
  }

  recorded(id: CallId, file: string | null): Promise<Call> {
    return this.#change(id, { hasRecording: file !== null });
  }

  addTicket(id: CallId, ticket: TicketId): Promise<Call> {
    return this.#change(id, { ticketIds: [...(this.calls.get(id)?.ticketIds ?? []), ticket] });
  }

  async saveLeg(call: CallId, leg: CallLeg): Promise<void> {
    this.legs.set(leg.id, { ...leg, call });
  }

  end(id: CallId, outcome: CallOutcome): Promise<Call> {
    return this.#change(id, { state: "ended", outcome, endedAt: this.#clock.now() });
  }

  async add(call: CallId, moment: CallMoment): Promise<void> {
    this.moments.push({ ...moment, call });
    this.events.emit("moment", call, moment);
  }

  /** What the timelines say, one line each. */
  get lines(): string[] {
    return this.moments.map(({ text }) => text);
  }

  async #change(id: CallId, change: Partial<Call>): Promise<Call> {
    const call = { ...this.calls.get(id), ...change } as Call;
    this.calls.set(id, call);
    this.events.emit("callChanged", call);
    return call;
  }
}
