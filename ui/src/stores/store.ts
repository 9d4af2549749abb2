import { type Ref, shallowRef } from "vue";
import { type ClientEvent, faultOf } from "../client/index.ts";

/** How a page stands with what it shows. `stale`: it is shown, but the server cannot be reached. */
export type Loading = "loading" | "ready" | "failed";

export interface Store<State> {
  readonly state: Readonly<Ref<State>>;
  readonly loading: Readonly<Ref<Loading>>;
  /** The fault of the last load. */
  readonly fault: Readonly<Ref<string | undefined>>;
  load(): Promise<void>;
  /** Puts in what an answer told, without waiting for its push. */
  change(step: (state: State) => State): void;
  close(): void;
}

export interface StoreOptions<State, Push> {
  readonly client: { subscribe(listener: (event: ClientEvent<Push>) => void): () => void };
  readonly initial: State;
  /** Asks for everything afresh. */
  readonly load: (before: State) => Promise<State>;
  readonly apply: (state: State, push: Push) => State;
}

/**
 * Loads once and each time the link comes back, and follows pushes in between.
 * What is pushed while a load runs is applied again on its answer, which may have been read before it.
 */
export function openStore<State, Push>({ client, initial, load, apply }: StoreOptions<State, Push>): Store<State> {
  const state = shallowRef(initial) as Ref<State>;
  const loading = shallowRef<Loading>("loading");
  const fault = shallowRef<string>();
  let late: Push[] | undefined;

  const reload = async () => {
    late = [];
    if (loading.value === "failed") loading.value = "loading";
    try {
      const loaded = await load(state.value);
      state.value = late.reduce(apply, loaded);
      fault.value = undefined;
      loading.value = "ready";
    } catch (error) {
      fault.value = faultOf(error);
      // What was loaded before is better than nothing.
      if (loading.value === "loading") loading.value = "failed";
    } finally {
      late = undefined;
    }
  };

  const close = client.subscribe((event) => {
    if (event.type === "push") {
      late?.push(event.push);
      state.value = apply(state.value, event.push);
    }
    if (event.type === "link" && event.link === "online") void reload();
  });

  return {
    state,
    loading,
    fault,
    load: reload,
    change(step) {
      state.value = step(state.value);
    },
    close,
  };
}
