import type { Alarm, Claim, FleetBox, FleetTicket, HeadquartersPush } from "@sitebox/core/contract";
import { upsert } from "../kit/index.ts";

/** What the console knows of its fleet. */
export interface FleetState {
  readonly boxes: readonly FleetBox[];
  readonly tickets: readonly FleetTicket[];
  readonly claims: readonly Claim[];
}

export const emptyFleetState: FleetState = { boxes: [], tickets: [], claims: [] };

const newerTicket = (ticket: FleetTicket, old: FleetTicket) => ticket.rev >= old.rev;

/** What is known after a push. A box that has enrolled no longer claims. */
export function applyFleetPush(state: FleetState, push: HeadquartersPush): FleetState {
  switch (push.type) {
    case "box":
      return {
        ...state,
        boxes: upsert(state.boxes, push.box, ({ box }) => box),
        claims: state.claims.filter(({ box }) => box !== push.box.box),
      };
    case "ticket":
      return { ...state, tickets: upsert(state.tickets, push.ticket, ({ box, id }) => `${box}/${id}`, newerTicket) };
    case "claim":
      return { ...state, claims: upsert(state.claims, push.claim, ({ code }) => code) };
  }
}

export interface FleetTotals {
  readonly boxes: number;
  readonly online: number;
  readonly openTickets: number;
  readonly unassigned: number;
  readonly alarms: number;
  readonly critical: number;
}

export function totalsOf(boxes: readonly FleetBox[], tickets: readonly FleetTicket[]): FleetTotals {
  const alarms = boxes.flatMap(activeAlarms);
  return {
    boxes: boxes.length,
    online: boxes.filter(({ online }) => online).length,
    openTickets: boxes.reduce((sum, { openTickets }) => sum + openTickets, 0),
    unassigned: tickets.filter(({ state }) => state === "open").length,
    alarms: alarms.length,
    critical: alarms.filter(({ severity }) => severity === "critical").length,
  };
}

export const activeAlarms = (box: FleetBox): Alarm[] => box.alarms.filter(({ active }) => active);

const HEALTH_RANK: Record<FleetBox["health"], number> = { failed: 0, degraded: 1, unknown: 2, ok: 3 };

/** Those that need somebody first: offline, then by health, then by name. */
export const compareBoxes = (a: FleetBox, b: FleetBox): number =>
  Number(a.online) - Number(b.online) ||
  HEALTH_RANK[a.health] - HEALTH_RANK[b.health] ||
  a.siteName.localeCompare(b.siteName, "zh-CN");
