import type { CallLeg } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { MediaEvent, MediaStats } from "../../media/index.ts";

/** What befalls a side's sound, for the timeline. `sinceAt` is wall clock. */
export type SoundEvent =
  | { readonly type: "quiet"; readonly sinceAt: number; readonly from?: string }
  | { readonly type: "heard-again" }
  /** It was silent for too long and is ended. */
  | { readonly type: "given-up"; readonly sinceAt: number; readonly from?: string }
  /** The worker that carried it has died; it is ended. */
  | { readonly type: "lost" };

interface SoundWatchOptions {
  readonly clock: Clock;
  readonly silentMs: number;
  readonly told: (event: SoundEvent) => void;
  readonly end: () => Promise<void>;
}

/** Tells of a side that sends no sound, and ends it when that lasts too long: nothing is silent for ever. */
export class SoundWatch implements Disposable {
  readonly #options: SoundWatchOptions;
  /** Since when sound has been expected; undefined while it is not. */
  #since: number | undefined;
  #quiet: { readonly sinceAt: number; readonly from?: string } | undefined;
  #deadline: Disposable | undefined;

  constructor(options: SoundWatchOptions) {
    this.#options = options;
  }

  /** Who has not been answered yet, or holds the others, need not send: nothing is told and nothing is ended meanwhile. */
  expect(on: boolean): void {
    if (on) this.#since ??= this.#options.clock.monotonic();
    else {
      this.#since = undefined;
      this.#again();
    }
  }

  take(event: MediaEvent): void {
    const { clock, told, silentMs } = this.#options;
    switch (event.type) {
      case "quiet": {
        if (this.#since === undefined || this.#quiet) return;
        const quietMs = Math.min(event.quietMs, clock.monotonic() - this.#since);
        const quiet = { sinceAt: clock.now() - quietMs, ...(event.from !== undefined && { from: event.from }) };
        this.#quiet = quiet;
        told({ type: "quiet", ...quiet });
        this.#deadline = clock.after(Math.max(0, silentMs - quietMs), () => {
          told({ type: "given-up", ...quiet });
          void this.#options.end();
        });
        return;
      }
      case "heard-again":
        if (this.#quiet) told({ type: "heard-again" });
        this.#again();
        return;
      case "lost":
        told({ type: "lost" });
        void this.#options.end();
        return;
    }
  }

  [Symbol.dispose](): void {
    this.#again();
  }

  #again(): void {
    this.#quiet = undefined;
    this.#deadline?.[Symbol.dispose]();
    this.#deadline = undefined;
  }
}

/** What a side's record says of its sound. */
export function legStats(media: MediaStats): Pick<CallLeg, "stats" | "codec"> {
  const { codec, secure: _, ...stats } = media;
  return { stats, ...(codec !== undefined && { codec }) };
}
