import type { LineChange, LineConfig } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { BoxDatabase, BoxTransaction } from "../db/index.ts";
import { ownNumbersOf, withoutSecrets } from "./line-facts.ts";

/** Who changed a line of the configuration file: the box sees that it was changed when it starts. */
export const FILE = "config-file";
/** Who changed what nobody at the desk asked for. */
export const BOX = "box";

export interface Changed {
  readonly actor: string;
  readonly line: string;
  readonly before?: LineConfig;
  readonly after?: LineConfig;
}

const kept = (config: LineConfig | undefined) => (config ? JSON.stringify(withoutSecrets(config)) : null);
const shown = (text: string | null) => (text === null ? undefined : (JSON.parse(text) as NonNullable<LineChange["after"]>));
/** Which numbers a line has, and whose they are. */
const registerOf = (config: LineConfig) => JSON.stringify(ownNumbersOf(config).map(({ number, owner }) => owner ?? number));

/** Writes down who changed a line, in the transaction of the change. Secrets are left out. */
export async function recordLineChange(tx: BoxTransaction, clock: Clock, { actor, line, before, after }: Changed): Promise<void> {
  const row = { at: clock.now(), actor, line, before: kept(before), after: kept(after) };
  await tx.insertInto("line_change").values(row).execute();
}

/** Who changed which line, the newest first; of one line alone where one is named. Kept for good: whose a number was is asked years later. */
export async function listLineChanges(
  db: BoxDatabase,
  { line, limit }: { readonly line?: string | undefined; readonly limit: number },
): Promise<LineChange[]> {
  const rows = await db.read((r) => {
    const all = r.selectFrom("line_change").selectAll().orderBy("seq", "desc").limit(limit);
    return (line === undefined ? all : all.where("line", "=", line)).execute();
  });
  return rows.map((row) => {
    const [before, after] = [shown(row.before), shown(row.after)];
    const type = before ? (after ? "changed" : "removed") : "added";
    return { at: row.at, actor: row.actor, line: row.line, type, ...(before && { before }), ...(after && { after }) } as const;
  });
}

/** Writes down what has become of the file's lines since the box last started: those whose numbers or owners are others, new ones and those that are gone. */
export async function recordFileLines(db: BoxDatabase, clock: Clock, list: readonly LineConfig[]): Promise<void> {
  await db.transact(async (tx) => {
    const newest = tx
      .selectFrom("line_change")
      .select(({ fn }) => fn.max("seq").as("seq"))
      .groupBy("line");
    const rows = await tx.selectFrom("line_change").selectAll().where("seq", "in", newest).execute();
    const known = new Map(rows.flatMap(({ line, actor, after }) => (after === null ? [] : [[line, { actor, after }] as const])));
    for (const config of list) {
      const was = known.get(config.name);
      const before = was && (JSON.parse(was.after) as LineConfig);
      if (before && registerOf(before) === registerOf(config)) continue;
      await recordLineChange(tx, clock, { actor: FILE, line: config.name, after: config, ...(before && { before }) });
    }
    const names = new Set(list.map(({ name }) => name));
    for (const [line, { actor, after }] of known)
      if (actor === FILE && !names.has(line))
        await recordLineChange(tx, clock, { actor: FILE, line, before: JSON.parse(after) as LineConfig });
  });
}
