/** How long between two attempts to lay a call's sound anew. */
const AGAIN_AFTER_MS = 3_000;

/**
 * Lays a call's sound anew until it stands or the call is over: one attempt at a time, the next one some seconds after a failure.
 * `attempt` resolves to whether there is nothing more to do.
 */
export function openLaying(attempt: () => Promise<boolean>, after = (ms: number, task: () => void) => void setTimeout(task, ms)) {
  let running = false;
  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    const done = await attempt().catch(() => false);
    running = false;
    if (!done) after(AGAIN_AFTER_MS, () => void run());
  };
  return run;
}
