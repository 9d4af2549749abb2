import {
  type BoxHealth,
  type BoxPush,
  type Call,
  CallMoment,
  type ExtensionState,
  type HandOff,
  type MetricSample,
  type OutsideLine,
  type Staff,
  type Ticket,
  type UplinkState,
} from "@sitebox/core/contract";
import { upsert } from "../kit/index.ts";

/** What the desk knows of its box. */
export interface BoxState {
  readonly tickets: readonly Ticket[];
  readonly calls: readonly Call[];
  readonly staff: readonly Staff[];
  readonly extensions: readonly ExtensionState[];
  readonly lines: readonly OutsideLine[];
  readonly health: BoxHealth | undefined;
  readonly uplink: UplinkState | undefined;
  readonly metrics: readonly MetricSample[];
  /** Calls that are offered to this agent, oldest first. */
  readonly offers: readonly HandOff[];
}

export const emptyBoxState: BoxState = {
  tickets: [],
  calls: [],
  staff: [],
  extensions: [],
  lines: [],
  health: undefined,
  uplink: undefined,
  metrics: [],
  offers: [],
};

const newerTicket = (ticket: Ticket, old: Ticket) => ticket.rev >= old.rev;
/** An ended call does not come back to life by a late push. */
const newerCall = (call: Call, old: Call) => old.state !== "ended" || call.state === "ended";

/** What is known after a push. */
export function applyBoxPush(state: BoxState, push: BoxPush): BoxState {
  switch (push.type) {
    case "ticket":
      return { ...state, tickets: upsert(state.tickets, push.ticket, ({ id }) => id, newerTicket) };
    case "call":
      return { ...state, calls: upsert(state.calls, push.call, ({ id }) => id, newerCall) };
    case "staff":
      return { ...state, staff: upsert(state.staff, push.staff, ({ id }) => id) };
    case "extension":
      return { ...state, extensions: upsert(state.extensions, push.extension, ({ number }) => number) };
    case "line":
      return { ...state, lines: upsert(state.lines, push.line, ({ name }) => name) };
    case "uplink":
      return { ...state, uplink: push.uplink };
    case "health":
      return { ...state, health: push.health };
    case "offer":
      return { ...state, offers: [...without(state.offers, push.handOff.callId), push.handOff] };
    case "offer-withdrawn":
    case "call-ended":
      return { ...state, offers: without(state.offers, push.callId) };
    case "situation":
    case "transfer":
    case "video":
      // The softphone's own matters.
      return state;
    case "moment":
      return withMoment(state, push.callId, push.moment);
  }
}

const without = (offers: readonly HandOff[], callId: string) => offers.filter((offer) => offer.callId !== callId);

/** An offered caller may go on talking: his words are added to what the agent sees. */
function withMoment(state: BoxState, callId: string, moment: unknown): BoxState {
  const parsed = CallMoment.safeParse(moment);
  if (!parsed.success) return state;
  return {
    ...state,
    offers: state.offers.map((offer) =>
      offer.callId === callId ? { ...offer, moments: [...offer.moments, parsed.data] } : offer,
    ),
  };
}
