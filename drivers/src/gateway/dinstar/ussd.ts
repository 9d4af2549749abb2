import type { Clock } from "@sitebox/core/kernel";
import { LineError } from "../../line/index.ts";
import { ManagementError } from "../management.ts";
import { type DinstarApi, errorText } from "./api.ts";

const POLL_MS = 1_000;
/** Networks answer a service code within half a minute, or not at all. */
const ANSWER_MS = 45_000;
/** The same words as the last time may be that answer still, or the new one: after this they are. */
const SAME_AGAIN_MS = 10_000;
const CANCEL_MS = 5_000;

/** Runs a service code at one socket. Rejects with LineError, ManagementError or the signal's reason. */
export async function runUssd(
  { api, clock }: { readonly api: DinstarApi; readonly clock: Clock },
  { port, code }: { readonly port: number; readonly code: string },
  signal: AbortSignal,
): Promise<string> {
  const before = await api.ussdReply(port, signal);
  let refused = false;
  try {
    const status = await api.sendUssd(port, { code }, signal);
    refused = status !== 200 && status !== 202;
    if (refused) throw new LineError(errorText(status));
    const startedAt = clock.monotonic();
    for (;;) {
      await clock.sleep(POLL_MS, signal);
      // One question that fails is no reason to give up what the network may be answering just now.
      const reply = await api.ussdReply(port, signal).catch(nothing);
      const elapsedMs = clock.monotonic() - startedAt;
      if (reply !== "" && (reply !== before || elapsedMs >= SAME_AGAIN_MS)) return reply;
      if (elapsedMs >= ANSWER_MS)
        throw new LineError(`the network has not answered for ${ANSWER_MS / 1_000} s`, { code: "network-silent" });
    }
  } catch (err) {
    if (!refused) await cancel(api, clock, port);
    throw err;
  }
}

/** The session stays open otherwise, and the next code would be taken for an answer in it. */
async function cancel(api: DinstarApi, clock: Clock, port: number): Promise<void> {
  const late = new AbortController();
  using _timer = clock.after(CANCEL_MS, () => late.abort());
  await api.sendUssd(port, "cancel", late.signal).catch(() => 0);
}

function nothing(err: unknown): string {
  if (err instanceof ManagementError) return "";
  throw err;
}
