import {
  type BoxHealth,
  type BoxPush,
  type Call,
  CallMoment,
  type ExtensionState,
  type FoundDevice,
  type HandOff,
  type MetricSample,
  type OutsideLine,
  type Staff,
  type TextMessage,
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
  /** Modems that are plugged in and no line yet; admins only. */
  readonly devices: readonly FoundDevice[];
  readonly texts: readonly TextMessage[];
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
  devices: [],
  texts: [],
  health: undefined,
  uplink: undefined,
  metrics: [],
  offers: [],
};

const newerTicket = (ticket: Ticket, old: Ticket) => ticket.rev >= old.rev;
/** An ended call does not come back to life by a late push. */
const newerCall = (call: Call, old: Call) => old.state !== "ended" || call.state === "ended";
/** A new line comes after the others, as the box lists them. */
const withLine = (lines: readonly OutsideLine[], line: OutsideLine) =>
  lines.some(({ name }) => name === line.name) ? upsert(lines, line, ({ name }) => name) : [...lines, line];

const textRank = { received: 0, waiting: 0, sent: 1, delivered: 2, failed: 2 } as const;
const newerText = (text: TextMessage, old: TextMessage) => textRank[text.state] >= textRank[old.state];

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
    case "extension-removed":
      return { ...state, extensions: state.extensions.filter(({ number }) => number !== push.number) };
    case "line":
      return { ...state, lines: withLine(state.lines, push.line) };
    case "line-removed":
      return { ...state, lines: state.lines.filter(({ name }) => name !== push.name) };
    case "found-devices":
      return { ...state, devices: push.devices };
    case "text":
      return { ...state, texts: upsert(state.texts, push.text, ({ id }) => id, newerText) };
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
