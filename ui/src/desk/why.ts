import type { CallWhy } from "@sitebox/core/contract";
import { onScopeDispose, shallowRef, watch } from "vue";
import { faultOf } from "../client/index.ts";
import type { Desk } from "./desk.ts";

/** How often a call that is up is looked at anew. */
const AGAIN_AFTER_MS = 5_000;

/** Why a call went as it did; read again while it goes on. */
export function useWhy(desk: Desk, id: () => string) {
  const why = shallowRef<CallWhy>();
  const fault = shallowRef<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current = 0;
  const load = async () => {
    clearTimeout(timer);
    const generation = ++current;
    try {
      const loaded = await desk.client.call("why", { params: { id: id() } });
      if (generation !== current) return;
      why.value = loaded;
      fault.value = undefined;
    } catch (error) {
      if (generation !== current) return;
      fault.value = faultOf(error);
    }
    if (why.value?.call.state !== "ended") timer = setTimeout(() => void load(), AGAIN_AFTER_MS);
  };
  watch(
    id,
    () => {
      why.value = undefined;
      void load();
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    current++;
    clearTimeout(timer);
  });
  return { why, fault, load };
}
