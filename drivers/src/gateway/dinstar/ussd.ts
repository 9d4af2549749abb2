import type { Clock } from "@sitebox/core/kernel";
import { LineError } from "../../line/index.ts";
import { type DinstarApi, errorText } from "./api.ts";

const POLL_MS = 1_000;
/** Networks answer a service code within half a minute, or not at all. */
const ANSWER_MS = 45_000;
/** The same words as the last time may be that answer still, or the new one: after this they are. */
const SAME_AGAIN_MS = 10_000;

/** Runs a service code at one socket. Rejects with LineError, ManagementError or the signal's reason. */
export async function runUssd(
  { api, clock }: { readonly api: DinstarApi; readonly clock: Clock },
  { port, code }: { readonly port: number; readonly code: string },
  signal: AbortSignal,
): Promise<string> {
  const before = await api.ussdReply(port, signal);
  const status = await api.sendUssd(port, { code }, signal);
  if (status !== 200 && status !== 202) throw new LineError(errorText(status));
  const startedAt = clock.monotonic();
  try {
    for (;;) {
      await clock.sleep(POLL_MS, signal);
      const reply = await api.ussdReply(port, signal);
      const elapsedMs = clock.monotonic() - startedAt;
      if (reply !== "" && (reply !== before || elapsedMs >= SAME_AGAIN_MS)) return reply;
      if (elapsedMs >= ANSWER_MS) throw new LineError(`the network has not answered for ${ANSWER_MS / 1_000} s`);
    }
  } catch (err) {
    // The session stays open otherwise, and the next code would be taken for an answer in it.
    await api.sendUssd(port, "cancel", AbortSignal.timeout(POLL_MS)).catch(() => 0);
    throw err;
  }
}
