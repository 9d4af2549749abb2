import { CallId } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { BoxDatabase } from "../db/index.ts";
import type { CallStore } from "./call-store.ts";

/** Finds the record that a browser's leg belongs to, and writes into its timeline. */
export class BrowserRecord {
  readonly #deps: { readonly db: BoxDatabase; readonly clock: Clock; readonly store: CallStore };

  constructor(deps: { readonly db: BoxDatabase; readonly clock: Clock; readonly store: CallStore }) {
    this.#deps = deps;
  }

  /** The call of the leg with that wireId. */
  async callOf(wireId: string): Promise<string | undefined> {
    return (await this.#find(wireId))?.id;
  }

  async note(wireId: string, text: string): Promise<void> {
    const call = await this.#find(wireId);
    if (!call) return;
    await this.#deps.store.add(CallId.parse(call.id), {
      atMs: this.#deps.clock.now() - call.started_at,
      type: "media",
      text,
    });
  }

  #find(wireId: string): Promise<{ readonly id: string; readonly started_at: number } | undefined> {
    return this.#deps.db.read((r) =>
      r
        .selectFrom("call_leg")
        .innerJoin("call", "call.id", "call_leg.call_id")
        .select(["call.id", "call.started_at"])
        .where("call_leg.wire_id", "=", wireId)
        .executeTakeFirst(),
    );
  }
}
