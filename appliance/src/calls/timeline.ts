import type { CallId, CallMoment } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { CallStore } from "./call-store.ts";

/** The moments of one call, written one after another without making the caller wait. */
export class Timeline {
  readonly #store: Pick<CallStore, "add">;
  readonly #id: CallId;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #startedAtMs: number;
  readonly #moments: CallMoment[] = [];
  #written: Promise<void> = Promise.resolve();

  constructor(deps: { readonly store: Pick<CallStore, "add">; readonly clock: Clock; readonly log: Log }, id: CallId) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#id = id;
    this.#startedAtMs = deps.clock.monotonic();
  }

  get moments(): readonly CallMoment[] {
    return this.#moments;
  }

  /** `atMs` counts from the call's first ring. */
  add(type: CallMoment["type"], text: string, data?: Record<string, unknown>): void {
    const moment: CallMoment = {
      atMs: Math.round(this.#clock.monotonic() - this.#startedAtMs),
      type,
      text,
      ...(data && { data }),
    };
    this.#moments.push(moment);
    this.#written = this.#written
      .then(() => this.#store.add(this.#id, moment))
      .catch((err: unknown) => this.#log.error("a moment of a call could not be written", { call: this.#id, err }));
  }

  /** Resolves when all that was added is on disk. */
  written(): Promise<void> {
    return this.#written;
  }
}
