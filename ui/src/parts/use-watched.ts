import { type Ref, shallowRef, watch } from "vue";
import { faultOf } from "../client/index.ts";

export interface Watched<T> {
  readonly value: Readonly<Ref<T | undefined>>;
  /** The fault of the last time that it was asked for. */
  readonly fault: Readonly<Ref<string | undefined>>;
  /** Puts in what an answer or a push told. */
  set(value: T): void;
}

/**
 * Something asked for again each time `when` changes. What comes late for an earlier one is dropped; what is shown stays until the next has come,
 * unless it `isCurrent` no more.
 */
export function useWatched<T>(
  when: () => string,
  load: () => Promise<T | undefined> | undefined,
  isCurrent: (value: T) => boolean = () => true,
): Watched<T> {
  const value = shallowRef<T>();
  const fault = shallowRef<string>();
  watch(
    when,
    async (_now, _before, onCleanup) => {
      let late = false;
      onCleanup(() => {
        late = true;
      });
      if (value.value !== undefined && !isCurrent(value.value)) value.value = undefined;
      fault.value = undefined;
      try {
        const loaded = await load();
        if (!late) value.value = loaded;
      } catch (error) {
        if (!late) fault.value = faultOf(error);
      }
    },
    { immediate: true },
  );
  return {
    value,
    fault,
    set(next) {
      value.value = next;
    },
  };
}
