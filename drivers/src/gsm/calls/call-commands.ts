import type { Clock, Log } from "@sitebox/core/kernel";
import { AtError, nameOf } from "../at/index.ts";
import type { Modem } from "../modem/index.ts";
import { hintOfReport } from "./causes.ts";
import type { EndHint } from "./notices.ts";

/** Some modems answer ATD only when it rings; the rest tells +CLCC. */
const DIAL_TIMEOUT_MS = 15_000;
const HANG_UP_TIMEOUT_MS = 5_000;
const UP_AGAIN_MS = 500;

interface CallCommandsDeps {
  readonly modem: Modem;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a failed command was answered with. */
export const finalOf = (err: unknown): string => (err instanceof AtError ? err.final : "failed");

/** Orders to a modem about its call, in its profile's way. None rejects. */
export class CallCommands {
  readonly #deps: CallCommandsDeps;

  constructor(deps: CallCommandsDeps) {
    this.#deps = deps;
  }

  async before(): Promise<void> {
    for (const command of this.#deps.modem.profile.voice.before) await this.#run(command);
  }

  async after(): Promise<void> {
    for (const command of this.#deps.modem.profile.voice.after) await this.#run(command);
  }

  /** Answers what refused the number, or undefined where it was taken. */
  async dial(number: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      await this.#deps.modem.at.send(`D${number};`, { timeoutMs: DIAL_TIMEOUT_MS, signal });
      return undefined;
    } catch (err) {
      return finalOf(err);
    }
  }

  async answer(signal: AbortSignal): Promise<boolean> {
    return await this.#run("A", { timeoutMs: DIAL_TIMEOUT_MS, signal });
  }

  /** Opens the way of the sound, which some modems allow only some time after the answer. Whether it is open. */
  async openSound(signal: AbortSignal): Promise<boolean> {
    const { clock, modem } = this.#deps;
    const { up, upRetryMs } = modem.profile.voice;
    const until = clock.monotonic() + upRetryMs;
    for (const command of up)
      while (!(await this.#run(command, { signal }))) {
        if (signal.aborted || clock.monotonic() >= until) return false;
        await clock.sleep(UP_AGAIN_MS, signal).catch(() => undefined);
      }
    return true;
  }

  async hangUp(): Promise<void> {
    const done = await this.#run(this.#deps.modem.profile.voice.hangUp, { timeoutMs: HANG_UP_TIMEOUT_MS });
    // V.250 §6.3.6: what every modem knows, though some end only data calls by it.
    if (!done) await this.#run("H", { timeoutMs: HANG_UP_TIMEOUT_MS });
  }

  /** Says "user busy" to a call that waits; the one that is up goes on (22.030 §6.5.5.1). */
  async refuseWaiting(): Promise<void> {
    await this.#run("+CHLD=0");
  }

  /** Why the last call ended; undefined where the modem does not know. */
  async report(): Promise<EndHint | undefined> {
    return hintOfReport(await this.#deps.modem.at.send("+CEER").catch(() => []));
  }

  /** Whether the modem took it. */
  async #run(command: string, options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {}): Promise<boolean> {
    const { modem, log } = this.#deps;
    if (modem.over.aborted) return false;
    try {
      await modem.at.send(command, options);
      return true;
    } catch (err) {
      log.debug("a command was refused", { command: nameOf(command), final: finalOf(err) });
      return false;
    }
  }
}
