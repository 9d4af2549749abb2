import {
  type Call,
  CallMoment,
  type CallWithMoments,
  type Staff,
  type Ticket,
  type TicketCommand,
  type TicketDraft,
  type TicketWithHistory,
} from "@sitebox/core/contract";
import { type InjectionKey, inject, onScopeDispose, watch } from "vue";
import type { BoxClient } from "../client/index.ts";
import { newId, upsert } from "../kit/index.ts";
import { useWatched, type Watched } from "../parts/index.ts";
import { applyBoxPush, type BoxState, emptyBoxState, openStore, type Session, type Store } from "../stores/index.ts";
import { type AgentDesk, openAgentDesk } from "./agent-desk.ts";

/** `Omit` that keeps the members of a union apart. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
export type DeskCommand = Without<TicketCommand, "commandId">;

/** What can be done at the desk. Methods reject with a {@link ClientError} that the page puts into words. */
export interface Desk {
  readonly store: Store<BoxState>;
  readonly agent: AgentDesk;
  readonly client: BoxClient;
  openTicket(draft: TicketDraft): Promise<Ticket>;
  command(ticketId: string, command: DeskCommand): Promise<TicketWithHistory>;
  setShift(staffId: string, onShift: boolean): Promise<Staff>;
}

export function openDesk(client: BoxClient, session: Session): Desk {
  const store = openStore({
    client,
    initial: emptyBoxState,
    load: (before) => loadBox(client, session, before),
    apply: applyBoxPush,
  });
  const agent = openAgentDesk(client, store);
  watch(session.state, ({ at }) => {
    if (at !== "in") agent.setReady(false).catch(() => undefined);
  });
  const keep = (ticket: TicketWithHistory) => {
    const { history: _, ...plain } = ticket;
    store.change((state) => applyBoxPush(state, { type: "ticket", ticket: plain }));
    return ticket;
  };
  return {
    store,
    agent,
    client,
    async openTicket(draft) {
      const ticket = await client.call("openTicket", { body: draft });
      store.change((state) => applyBoxPush(state, { type: "ticket", ticket }));
      return ticket;
    },
    async command(ticketId, command) {
      const body = { ...command, commandId: newId() } as TicketCommand;
      return keep(await client.call("commandTicket", { params: { id: ticketId }, body }));
    },
    async setShift(staffId, onShift) {
      const staff = await client.call("setShift", { params: { id: staffId }, body: { onShift } });
      store.change((state) => applyBoxPush(state, { type: "staff", staff }));
      return staff;
    },
  };
}

async function loadBox(client: BoxClient, session: Session, before: BoxState): Promise<BoxState> {
  const isAdmin = session.state.value.at === "in" && session.state.value.account.role === "admin";
  const [tickets, calls, staff, extensions, lines, devices, texts, health, uplink, metrics] = await Promise.all([
    client.call("listTickets", { query: { limit: 300 } }),
    client.call("listCalls", { query: { limit: 100 } }),
    client.call("listStaff", {}),
    client.call("extensions", {}),
    client.call("lines", {}),
    isAdmin ? client.call("foundDevices", {}) : [],
    client.call("texts", { query: { limit: 200 } }),
    client.call("health", {}),
    client.call("uplink", {}),
    client.call("metrics", {}),
  ]);
  return { ...before, tickets, calls, staff, extensions, lines, devices, texts, health, uplink, metrics };
}

export const deskKey: InjectionKey<Desk> = Symbol("desk");

export function useDesk(): Desk {
  const desk = inject(deskKey);
  if (!desk) throw new Error("the desk is provided by DeskApp");
  return desk;
}

/** One ticket with its history, read again each time a push tells of a newer revision. */
export function useTicket(desk: Desk, id: () => string | undefined): Watched<TicketWithHistory> {
  const revision = () => desk.store.state.value.tickets.find((ticket) => ticket.id === id())?.rev;
  return useWatched(
    () => `${id()} ${revision()}`,
    async () => {
      const ticketId = id();
      return ticketId === undefined ? undefined : await desk.client.call("ticket", { params: { id: ticketId } });
    },
    (ticket) => ticket.id === id(),
  );
}

/** One call with its moments; while it goes on, moments are added as they are pushed. */
export function useCall(desk: Desk, id: () => string | undefined): Watched<CallWithMoments> {
  const listed = (): Call | undefined => desk.store.state.value.calls.find((call) => call.id === id());
  const detail = useWatched<CallWithMoments>(
    () => `${id()} ${listed()?.state}`,
    async () => {
      const callId = id();
      return callId === undefined ? undefined : await desk.client.call("call", { params: { id: callId } });
    },
    (call) => call.id === id(),
  );
  const stop = desk.client.subscribe((event) => {
    const shown = detail.value.value;
    if (event.type !== "push" || event.push.type !== "moment" || event.push.callId !== shown?.id) return;
    const moment = CallMoment.safeParse(event.push.moment);
    if (!moment.success) return;
    const keyOf = (one: CallMoment) => `${one.atMs} ${one.type} ${one.text}`;
    const moments = upsert(shown.moments, moment.data, keyOf).sort((a, b) => a.atMs - b.atMs);
    detail.set({ ...shown, moments });
  });
  onScopeDispose(stop);
  return detail;
}
