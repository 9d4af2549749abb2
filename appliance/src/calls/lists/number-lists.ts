import type { CallsConfig, ListedNumber, ListedNumberDraft } from "@sitebox/core/contract";
import { type Clock, mask } from "@sitebox/core/kernel";
import type { BoxDatabase, ListedNumberTable } from "../../db/index.ts";
import { type CallerLists, type NumberTest, patternTest, spellingsOf } from "../plan/index.ts";
import { recordChange } from "./plan-changes.ts";
import { fitsWildcard } from "./wildcard.ts";

export interface NumberListsDeps {
  readonly db: BoxDatabase;
  readonly clock: Clock;
  readonly config: Pick<CallsConfig, "blacklist" | "whitelist">;
}

interface ConfiguredEntry {
  readonly pattern: string;
  readonly fits: NumberTest;
}

const ANONYMOUS = "anonymous";
const withoutCountry = (number: string) => number.replace(/^(?:\+|00)86/, "");

const fromRow = (row: ListedNumberTable): ListedNumber => ({
  id: row.id,
  list: row.list,
  number: row.number,
  note: row.note,
  addedBy: row.added_by,
  addedAt: row.added_at,
  ...(row.expires_at !== null && { expiresAt: row.expires_at }),
});

/** Reads the lists. They are kept in memory: a call that comes in does not wait for the disk. @throws SyntaxError for a bad pattern in the configuration */
export async function openNumberLists(deps: NumberListsDeps): Promise<NumberLists> {
  const rows = await deps.db.read((r) => r.selectFrom("listed_number").selectAll().orderBy("added_at").orderBy("id").execute());
  return new NumberLists(deps, rows.map(fromRow));
}

/** Callers that are refused and callers that always get through: the configuration's, and those that people added. */
export class NumberLists implements CallerLists {
  readonly #deps: NumberListsDeps;
  readonly #configured: Readonly<Record<"white" | "black", readonly ConfiguredEntry[]>>;
  readonly #listed = new Map<string, ListedNumber>();

  constructor(deps: NumberListsDeps, listed: readonly ListedNumber[]) {
    const compile = (patterns: readonly string[]) => patterns.map((pattern) => ({ pattern, fits: patternTest(pattern) }));
    this.#deps = deps;
    this.#configured = { white: compile(deps.config.whitelist), black: compile(deps.config.blacklist) };
    for (const one of listed) this.#listed.set(one.id, one);
  }

  verdictOn(caller: string): { readonly list: "white" | "black"; readonly rule: string } | undefined {
    const spellings = spellingsOf(caller);
    const valid = this.list();
    for (const list of ["white", "black"] as const) {
      const configured = this.#configured[list].find(({ fits }) => spellings.some(fits));
      if (configured) return { list, rule: configured.pattern };
      const found = valid.find((one) => one.list === list && fitsListed(spellings, one.number));
      if (found) return { list, rule: found.note === "" ? found.number : found.note };
    }
    return undefined;
  }

  /** What people added and is still valid, the oldest first. */
  list(): ListedNumber[] {
    const now = this.#deps.clock.now();
    return [...this.#listed.values()].filter(({ expiresAt = Number.POSITIVE_INFINITY }) => expiresAt > now);
  }

  /** On disk when it resolves. What is no longer valid is deleted on this occasion. */
  async add(draft: ListedNumberDraft, by: string): Promise<ListedNumber> {
    const { db, clock } = this.#deps;
    const now = clock.now();
    const row: ListedNumberTable = {
      id: crypto.randomUUID(),
      list: draft.list,
      number: draft.number,
      note: draft.note,
      added_by: by,
      added_at: now,
      expires_at: draft.expiresAt ?? null,
    };
    await db.transact(async (tx) => {
      await tx.deleteFrom("listed_number").where("expires_at", "<=", now).execute();
      await tx.insertInto("listed_number").values(row).execute();
      const detail = { list: row.list, expiresAt: row.expires_at };
      await recordChange(tx, clock, { actor: by, type: "number-listed", subject: mask(row.number), detail });
    });
    for (const { id, expiresAt = Number.POSITIVE_INFINITY } of [...this.#listed.values()])
      if (expiresAt <= now) this.#listed.delete(id);
    const added = fromRow(row);
    this.#listed.set(added.id, added);
    return added;
  }

  /** False where there is none by that id. */
  async remove(id: string, by: string): Promise<boolean> {
    const { db, clock } = this.#deps;
    const listed = this.#listed.get(id);
    if (!listed) return false;
    await db.transact(async (tx) => {
      await tx.deleteFrom("listed_number").where("id", "=", id).execute();
      const { list, number } = listed;
      await recordChange(tx, clock, { actor: by, type: "number-unlisted", subject: mask(number), detail: { list } });
    });
    this.#listed.delete(id);
    return true;
  }
}

function fitsListed(spellings: readonly string[], listed: string): boolean {
  if (listed === ANONYMOUS) return spellings.includes("");
  return spellings.some((spelling) => spelling !== "" && fitsWildcard(spelling, withoutCountry(listed)));
}
