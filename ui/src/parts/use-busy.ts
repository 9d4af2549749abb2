import type { Ref } from "vue";

/** Sets `busy` while the work runs, and drops a second press that comes in between. */
export async function busyWhile(busy: Ref<boolean>, work: () => Promise<void>): Promise<void> {
  if (busy.value) return;
  busy.value = true;
  try {
    await work();
  } finally {
    busy.value = false;
  }
}
