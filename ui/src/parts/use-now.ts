import { onScopeDispose, type Ref, ref } from "vue";

/** The time, renewed every `everyMs` while the component lives: ages and call timers are computed from it. */
export function useNow(everyMs = 1_000): Readonly<Ref<number>> {
  const now = ref(Date.now());
  const timer = setInterval(() => {
    now.value = Date.now();
  }, everyMs);
  onScopeDispose(() => clearInterval(timer));
  return now;
}
