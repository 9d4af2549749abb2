import { Staff, Ticket, type TicketCommand, type TicketWithHistory } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import { computed, type InjectionKey, inject, type Ref, shallowRef, watch } from "vue";
import { z } from "zod";
import { type BoxClient, endsSession, faultOf, isPassing } from "../client/index.ts";
import { newId } from "../kit/index.ts";
import { openRinger } from "../softphone/index.ts";
import {
  applyFieldPush,
  emptyFieldState,
  type FieldState,
  isNewJob,
  type Job,
  Outbox,
  openStore,
  project,
  type RefusedCommand,
  type Sent,
  type Session,
  type Store,
  type WaitingCommand,
} from "../stores/index.ts";

export type FieldAction = Extract<TicketCommand["action"], "accept" | "start" | "finish" | "decline">;

export interface Field {
  readonly store: Store<FieldState>;
  readonly jobs: Readonly<Ref<readonly Job[]>>;
  readonly waiting: Readonly<Ref<readonly WaitingCommand[]>>;
  readonly refused: Readonly<Ref<readonly RefusedCommand[]>>;
  /** The job that has just come in, until it is looked at. */
  readonly news: Readonly<Ref<Ticket | undefined>>;
  /** Takes effect on the page at once and at the box as soon as it can be reached. */
  act(ticket: Ticket, action: FieldAction, note?: string): void;
  setShift(onShift: boolean): Promise<void>;
  dismiss(commandId: string): void;
  seen(): void;
  history(id: string): Promise<TicketWithHistory>;
  audioUrl(id: string): string;
  reconnect(): void;
}

export interface FieldDeps {
  readonly client: BoxClient;
  readonly session: Session;
  readonly storage: Pick<Storage, "getItem" | "setItem">;
  readonly clock: Pick<Clock, "now" | "after">;
}

const CACHE = "sitebox.field";
const Cached = z.object({ tickets: z.array(Ticket), me: Staff.optional() });
const RETRY_MS = 5_000;
const RING_MS = 4_000;

export function openField({ client, session, storage, clock }: FieldDeps): Field {
  const staffId = () => (session.state.value.at === "in" ? session.state.value.account.staff : undefined);
  const news = shallowRef<Ticket>();
  const ringer = openRinger(0.25);
  // Before the store's own subscription, so that the job is not known already.
  client.subscribe((event) => {
    if (event.type !== "push" || event.push.type !== "ticket" || !isNewJob(store.state.value, event.push, staffId())) return;
    news.value = event.push.ticket;
    navigator.vibrate?.([400, 150, 400, 150, 700]);
    ringer.start();
    clock.after(RING_MS, () => ringer.stop());
  });
  const store = openStore<FieldState, Parameters<typeof applyFieldPush>[1]>({
    client,
    initial: cached(storage),
    load: () => loadField(client, staffId()),
    apply: (state, push) => applyFieldPush(state, push, staffId()),
  });
  watch(store.state, (state) => storage.setItem(CACHE, JSON.stringify(state)));

  let retry: Disposable | undefined;
  const outbox = new Outbox({
    storage,
    send: (waiting) => sendCommand(client, waiting, (ticket) => store.change((state) => keep(state, ticket, staffId()))),
    changed(content) {
      waiting.value = content.waiting;
      refused.value = content.refused;
    },
  });
  const waiting = shallowRef<readonly WaitingCommand[]>(outbox.content.waiting);
  const refused = shallowRef<readonly RefusedCommand[]>(outbox.content.refused);
  const flush = async () => {
    retry?.[Symbol.dispose]();
    await outbox.flush();
    if (outbox.content.waiting.length > 0) retry = clock.after(RETRY_MS, () => void flush());
  };

  client.subscribe((event) => {
    if (event.type === "link" && event.link === "online") void flush();
  });
  if (outbox.content.waiting.length > 0) void flush();

  return {
    store,
    jobs: computed(() => project(store.state.value.tickets, waiting.value)),
    waiting,
    refused,
    news,
    act(ticket, action, note) {
      const command = { action, commandId: newId(), ...(note && { note }) } as TicketCommand;
      outbox.add({ ticketId: ticket.id, number: ticket.number, at: clock.now(), command });
      void flush();
    },
    async setShift(onShift) {
      const id = staffId();
      if (id === undefined) return;
      const me = await client.call("setShift", { params: { id }, body: { onShift } });
      store.change((state) => ({ ...state, me }));
    },
    dismiss: (commandId) => outbox.dismiss(commandId),
    seen() {
      news.value = undefined;
      ringer.stop();
    },
    history: (id) => client.call("ticket", { params: { id } }),
    audioUrl: (id) => client.fileUrl(`/api/tickets/${id}/audio`),
    reconnect: () => client.open(),
  };
}

async function loadField(client: BoxClient, staffId: string | undefined): Promise<FieldState> {
  const [tickets, staff] = await Promise.all([
    client.call("listTickets", { query: { mine: "true", limit: 100 } }),
    client.call("listStaff", {}),
  ]);
  return { tickets, me: staff.find(({ id }) => id === staffId) };
}

function keep(state: FieldState, { history: _, ...ticket }: TicketWithHistory, staffId: string | undefined): FieldState {
  return applyFieldPush(state, { type: "ticket", ticket }, staffId);
}

async function sendCommand(
  client: BoxClient,
  { ticketId, command }: WaitingCommand,
  done: (ticket: TicketWithHistory) => void,
): Promise<Sent> {
  try {
    done(await client.call("commandTicket", { params: { id: ticketId }, body: command }));
    return { type: "done" };
  } catch (error) {
    const fault = faultOf(error);
    // The box has done it and said so in words that this page is too old for.
    if (fault === "unintelligible") return { type: "done" };
    if (isPassing(error) || endsSession(error)) return { type: "later" };
    return { type: "refused", fault };
  }
}

function cached(storage: FieldDeps["storage"]): FieldState {
  const text = storage.getItem(CACHE);
  if (text === null) return emptyFieldState;
  try {
    const { tickets, me } = Cached.parse(JSON.parse(text));
    return { tickets, me };
  } catch {
    return emptyFieldState;
  }
}

export const fieldKey: InjectionKey<Field> = Symbol("field");

export function useField(): Field {
  const field = inject(fieldKey);
  if (!field) throw new Error("the field is provided by FieldApp");
  return field;
}
