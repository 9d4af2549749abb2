import { EventEmitter } from "node:events";
import type { ExtensionSwitchesChange, ExtensionSwitches as Switched } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { BoxDatabase, ExtensionSwitchTable } from "../../db/index.ts";
import type { Switches } from "../plan/index.ts";
import { recordChange } from "./plan-changes.ts";

export interface ExtensionSwitchesDeps {
  readonly db: BoxDatabase;
  readonly clock: Clock;
}

export interface ExtensionSwitchesEvents {
  switched: [extension: string, Switched];
}

const UNTOUCHED: Switched = { doNotDisturb: false, followMe: null };

const fromRow = ({ do_not_disturb, follow_me }: ExtensionSwitchTable): Switched => ({
  doNotDisturb: do_not_disturb === 1,
  followMe: follow_me === null ? null : (JSON.parse(follow_me) as string[]),
});

/** Reads what extensions have switched. It is kept in memory: a call that comes in does not wait for the disk. */
export async function openExtensionSwitches(deps: ExtensionSwitchesDeps): Promise<ExtensionSwitches> {
  const rows = await deps.db.read((r) => r.selectFrom("extension_switch").selectAll().execute());
  return new ExtensionSwitches(deps, new Map(rows.map((row) => [row.extension, fromRow(row)])));
}

/** Do-not-disturb and follow-me of each extension, as switched by code or on a page. */
export class ExtensionSwitches implements Switches {
  readonly events = new EventEmitter<ExtensionSwitchesEvents>();
  readonly #deps: ExtensionSwitchesDeps;
  readonly #switched: Map<string, Switched>;

  constructor(deps: ExtensionSwitchesDeps, switched: Map<string, Switched>) {
    this.#deps = deps;
    this.#switched = switched;
  }

  of(extension: string): { readonly doNotDisturb: boolean; readonly followMe: readonly string[] | undefined } {
    const { doNotDisturb, followMe } = this.#switched.get(extension) ?? UNTOUCHED;
    return { doNotDisturb, followMe: followMe ?? undefined };
  }

  /** Changes what is given and leaves the rest; on disk when it resolves. `by` names an account or an extension. */
  async set(extension: string, change: ExtensionSwitchesChange, by: string): Promise<Switched> {
    const { db, clock } = this.#deps;
    const switched = await db.transact(async (tx) => {
      // Read within the transaction: two changes at once both count.
      const found = await tx.selectFrom("extension_switch").selectAll().where("extension", "=", extension).executeTakeFirst();
      const before = found ? fromRow(found) : UNTOUCHED;
      const { doNotDisturb = before.doNotDisturb, followMe = before.followMe } = change;
      const row = { do_not_disturb: doNotDisturb ? 1 : 0, follow_me: followMe === null ? null : JSON.stringify(followMe) };
      await tx
        .insertInto("extension_switch")
        .values({ extension, ...row })
        .onConflict((conflict) => conflict.column("extension").doUpdateSet(row))
        .execute();
      const changed = { actor: by, subject: extension };
      if (doNotDisturb !== before.doNotDisturb)
        await recordChange(tx, clock, { ...changed, type: "do-not-disturb", detail: { on: doNotDisturb } });
      if (JSON.stringify(followMe) !== JSON.stringify(before.followMe))
        await recordChange(tx, clock, { ...changed, type: "follow-me", detail: { numbers: followMe?.length ?? null } });
      return { doNotDisturb, followMe };
    });
    this.#switched.set(extension, switched);
    this.events.emit("switched", extension, switched);
    return switched;
  }
}
