import type { Call, FleetBox, FleetTicketWithHistory, MetricSample } from "@sitebox/core/contract";
import { type InjectionKey, inject, onScopeDispose, type Ref, shallowRef } from "vue";
import type { HeadquartersClient } from "../client/index.ts";
import { useWatched, type Watched } from "../parts/index.ts";
import { applyFleetPush, emptyFleetState, type FleetState, openStore, type Session, type Store } from "../stores/index.ts";

export interface Console {
  readonly store: Store<FleetState>;
  readonly client: HeadquartersClient;
  readonly session: Session;
  /** The last quarter of an hour of one box, for its line in a table. Asked once a minute a box at most. */
  recentMetrics(box: string): Readonly<Ref<readonly MetricSample[]>>;
  acceptClaim(code: string): Promise<FleetBox>;
}

const RECENT = 60;
const RECENT_FRESH_MS = 60_000;

export function openConsole(client: HeadquartersClient, session: Session): Console {
  const isAdmin = () => session.state.value.at === "in" && session.state.value.account.role === "admin";
  const store = openStore({ client, initial: emptyFleetState, load: () => loadFleet(client, isAdmin()), apply: applyFleetPush });
  const recent = new Map<string, { samples: Ref<readonly MetricSample[]>; askedAt: number }>();
  client.subscribe((event) => {
    if (event.type !== "push" || event.push.type !== "box" || !event.push.box.latest) return;
    const known = recent.get(event.push.box.box);
    if (known) known.samples.value = withLatest(known.samples.value, event.push.box.latest, RECENT);
  });
  return {
    store,
    client,
    session,
    recentMetrics(box) {
      const known = recent.get(box) ?? { samples: shallowRef<readonly MetricSample[]>([]), askedAt: 0 };
      recent.set(box, known);
      if (Date.now() - known.askedAt > RECENT_FRESH_MS) {
        known.askedAt = Date.now();
        client
          .call("boxMetrics", { params: { box }, query: { limit: RECENT } })
          .then((samples) => {
            known.samples.value = samples;
          })
          // A line without its curve is still a line; it is asked again a minute later.
          .catch(() => undefined);
      }
      return known.samples;
    },
    async acceptClaim(code) {
      const box = await client.call("acceptClaim", { body: { code } });
      store.change((state) => applyFleetPush(state, { type: "box", box }));
      return box;
    },
  };
}

/** The samples with a newer one behind them, at most `most`. */
export function withLatest(samples: readonly MetricSample[], latest: MetricSample, most: number): readonly MetricSample[] {
  const last = samples.at(-1);
  return last && last.at >= latest.at ? samples : [...samples, latest].slice(-most);
}

async function loadFleet(client: HeadquartersClient, isAdmin: boolean): Promise<FleetState> {
  const [boxes, tickets, claims] = await Promise.all([
    client.call("listBoxes", {}),
    client.call("listTickets", { query: { limit: 500 } }),
    isAdmin ? client.call("listClaims", {}) : [],
  ]);
  return { boxes, tickets, claims };
}

export const consoleKey: InjectionKey<Console> = Symbol("console");

export function useConsole(): Console {
  const console = inject(consoleKey);
  if (!console) throw new Error("the console is provided by ConsoleApp");
  return console;
}

/** One box's metrics: two hours, then what is pushed. */
export function useMetrics(console: Console, box: () => string): Watched<readonly MetricSample[]> {
  const samples = useWatched<readonly MetricSample[]>(box, () =>
    console.client.call("boxMetrics", { params: { box: box() }, query: { limit: 480 } }),
  );
  const stop = console.client.subscribe((event) => {
    if (event.type !== "push" || event.push.type !== "box" || event.push.box.box !== box() || !event.push.box.latest) return;
    samples.set(withLatest(samples.value.value ?? [], event.push.box.latest, 480));
  });
  onScopeDispose(stop);
  return samples;
}

export const useBoxCalls = (console: Console, box: () => string): Watched<readonly Call[]> =>
  useWatched(box, () => console.client.call("boxCalls", { params: { box: box() } }));

/** One ticket of one box with its history, read again when a newer revision is pushed. */
export function useFleetTicket(
  console: Console,
  key: () => { box: string; id: string } | undefined,
): Watched<FleetTicketWithHistory> {
  const revision = () => {
    const wanted = key();
    const found = console.store.state.value.tickets.find(({ box, id }) => box === wanted?.box && id === wanted.id);
    return `${wanted?.box}/${wanted?.id}/${found?.rev}`;
  };
  return useWatched(revision, () => {
    const params = key();
    return params && console.client.call("ticket", { params });
  });
}
