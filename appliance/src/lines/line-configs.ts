import { fieldIssue, type LineChange, LineConfig, type ProblemIssue } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import { issuesOf, WebError } from "@sitebox/core/web";
import type { BoxDatabase } from "../db/index.ts";
import { type CheckedConfig, lineIssues } from "./check.ts";
import { secretsForElsewhere } from "./kept-secrets.ts";
import { telephonesOf, withSecretsOf } from "./line-facts.ts";
import { BOX, listLineChanges, recordFileLines, recordLineChange } from "./line-history.ts";
import { forgetSims } from "./sim-memory.ts";

/** What is wrong with the dial plan, and where in the configuration file. */
interface PlanIssue {
  readonly path: string;
  readonly message: string;
  /** The number that stands for two things. */
  readonly clash?: string;
}

export interface LineConfigsDeps {
  readonly db: BoxDatabase;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: CheckedConfig;
  /** What would be wrong with the dial plan with just these telephones at cards and these lines; absent where there is none. */
  planIssues?(telephones: readonly string[], lines: readonly string[]): readonly PlanIssue[];
}

/** A telephone that is plugged into a card, which is the line of that name. */
export interface CardTelephone {
  readonly number: string;
  readonly line: string;
}

/** A line as it is set up. */
export interface SetUpLine {
  /** "file": in the configuration file, and only changed there. */
  readonly origin: "file" | "page";
  readonly config: LineConfig;
  readonly off: boolean;
  /** Why it cannot be used beside the others, for a line of a page that the file has got in the way of. */
  readonly conflict?: string;
  /** Its telephones whose numbers are something else now. The others stay extensions, although nobody can be reached there. */
  readonly lost?: readonly string[];
}

const asIssue = ({ path, message: why, clash: number }: PlanIssue): ProblemIssue =>
  number === undefined
    ? fieldIssue("ports", "plan-unfit", { path, why })
    : fieldIssue("ports", "number-in-dial-plan", { number, path, why });

const telephonesAt = (lines: readonly SetUpLine[]): readonly CardTelephone[] =>
  lines.flatMap(({ config, lost = [] }) =>
    telephonesOf(config)
      .filter((number) => !lost.includes(number))
      .map((number) => ({ number, line: config.name })),
  );

const notThere = () => new WebError("no-such-line");

/** The lines of the configuration file and those that people added; kept in memory, changed on disk first. */
export class LineConfigs {
  readonly #deps: LineConfigsDeps;
  readonly #lines: Map<string, SetUpLine>;
  readonly #unusable: readonly string[];

  constructor(deps: LineConfigsDeps, lines: readonly SetUpLine[], unusable: readonly string[]) {
    this.#deps = deps;
    this.#unusable = unusable;
    this.#lines = new Map(lines.map((line) => [line.config.name, line]));
  }

  /** Every name that is taken, also by a line that cannot be used. */
  names(): readonly string[] {
    return [...this.#lines.keys(), ...this.#unusable];
  }

  /** The file's first, then those of pages in the order in which they were added. */
  all(): readonly SetUpLine[] {
    return [...this.#lines.values()];
  }

  /** The telephones that are plugged into cards. */
  telephones(): readonly CardTelephone[] {
    return telephonesAt(this.all());
  }

  find(name: string): SetUpLine | undefined {
    return this.#lines.get(name);
  }

  /** Who changed which line, the newest first. */
  changes(query: { readonly line?: string | undefined; readonly limit: number }): Promise<LineChange[]> {
    return listLineChanges(this.#deps.db, query);
  }

  /** `by` is who wants it, for the record. Rejects with fault "name-taken" or "invalid" where it cannot stand beside the others. */
  async add(config: LineConfig, by: string = BOX): Promise<SetUpLine> {
    const { db, clock } = this.#deps;
    this.#check(config, config.name);
    await db.transact(async (tx) => {
      const row = { name: config.name, config: JSON.stringify(config), added_at: clock.now() };
      await tx.insertInto("line_config").values(row).execute();
      await recordLineChange(tx, clock, { actor: by, line: config.name, after: config });
    });
    return this.#put({ origin: "page", config, off: false });
  }

  /**
   * Secrets that `change` leaves out stay as they were, unless they would be said to another address then. Rejects with fault
   * "not-found", "not-allowed" or "invalid".
   */
  async change(name: string, change: Record<string, unknown>, by: string = BOX): Promise<SetUpLine> {
    const before = this.#ofPage(name);
    const sameKind = change.kind === before.config.kind;
    const { data: config, error } = LineConfig.safeParse(sameKind ? withSecretsOf(change, before.config) : change);
    if (!config) throw new WebError("line-unfit", { why: error.issues[0]?.message ?? "" }, { issues: issuesOf(error) });
    if (config.name !== name) throw new WebError("line-keeps-name");
    const issues = secretsForElsewhere(change, before.config, config);
    if (issues.length > 0) throw new WebError("line-secret-needed", undefined, { issues });
    this.#check(config, name);
    const { db, clock } = this.#deps;
    await db.transact(async (tx) => {
      await tx
        .updateTable("line_config")
        .set({ config: JSON.stringify(config) })
        .where("name", "=", name)
        .execute();
      await recordLineChange(tx, clock, { actor: by, line: name, before: before.config, after: config });
    });
    return this.#put({ origin: "page", config, off: before.off });
  }

  /** Rejects with fault "not-found", "not-allowed", or "conflict" where the dial plan names its telephones. */
  async remove(name: string, by: string = BOX): Promise<void> {
    const line = this.#ofPage(name);
    const [needed] = this.#planIssues(this.all().filter((one) => one !== line));
    if (needed) throw new WebError("line-telephones-needed", { path: needed.path, why: needed.message });
    await this.#deps.db.transact(async (tx) => {
      await tx.deleteFrom("line_config").where("name", "=", name).execute();
      await tx.deleteFrom("line_switched_off").where("name", "=", name).execute();
      await tx.deleteFrom("line_use").where("line", "=", name).execute();
      await tx.deleteFrom("awaited_report").where("line", "=", name).execute();
      await forgetSims(tx, name);
      await recordLineChange(tx, this.#deps.clock, { actor: by, line: name, before: line.config });
    });
    this.#lines.delete(name);
  }

  /** Rejects with fault "not-found". */
  async switch(name: string, on: boolean): Promise<SetUpLine> {
    const line = this.#lines.get(name);
    if (!line) throw notThere();
    await this.#deps.db.transact(async (tx) => {
      await tx.deleteFrom("line_switched_off").where("name", "=", name).execute();
      if (!on) await tx.insertInto("line_switched_off").values({ name }).execute();
    });
    return this.#put({ ...line, off: !on });
  }

  #put(line: SetUpLine): SetUpLine {
    this.#lines.set(line.config.name, line);
    return line;
  }

  #ofPage(name: string): SetUpLine {
    const line = this.#lines.get(name);
    if (!line) throw notThere();
    if (line.origin === "file") throw new WebError("line-of-file");
    return line;
  }

  #check(config: LineConfig, name: string): void {
    const others = this.all().filter((line) => line.config.name !== name || line.origin !== "page");
    const taken = this.#lines.get(name);
    const unfit = lineIssues(
      config,
      others.map((other) => other.config),
      this.#deps.config,
    );
    // A number that is taken by a line is told once.
    const issues = unfit.length > 0 ? unfit : this.#planIssues([...others, { origin: "page", config, off: false }]).map(asIssue);
    const [first] = issues;
    if (!first) return;
    const clash = taken?.origin === "file" || issues.some(({ path }) => path === "name");
    if (clash) throw new WebError("line-name-taken", { name }, { issues });
    throw new WebError("line-unfit", { why: first.message }, { issues });
  }

  #planIssues(lines: readonly SetUpLine[]): readonly PlanIssue[] {
    const telephones = telephonesAt(lines).map(({ number }) => number);
    return this.#deps.planIssues?.(telephones, this.names()) ?? [];
  }
}

/** What is wrong that was not before. What was is the file's own matter. */
const newIssues = (before: readonly PlanIssue[], after: readonly PlanIssue[]): readonly PlanIssue[] => {
  const known = new Set(before.map(({ path, message }) => `${path} ${message}`));
  return after.filter(({ path, message }) => !known.has(`${path} ${message}`));
};

/** Reads the lines of the file and of the database. One of the database that does not fit in is kept, and not used. */
export async function openLineConfigs(deps: LineConfigsDeps): Promise<LineConfigs> {
  const { db, clock, log, config } = deps;
  await recordFileLines(db, clock, config.lines.list).catch((err: unknown) =>
    // A disk that is full keeps no box from starting; the next start notes it.
    log.error("what became of the file's lines could not be written down", { err }),
  );
  const { added, off } = await db.read(async (r) => ({
    added: await r.selectFrom("line_config").selectAll().orderBy("added_at").orderBy("name").execute(),
    off: new Set((await r.selectFrom("line_switched_off").select("name").execute()).map(({ name }) => name)),
  }));
  const lines: SetUpLine[] = config.lines.list.map((line) => ({ origin: "file", config: line, off: off.has(line.name) }));
  const names = [...lines.map((line) => line.config.name), ...added.map(({ name }) => name)];
  const planIssues = (numbers: readonly string[]) => deps.planIssues?.(numbers, names) ?? [];
  const telephones = telephonesAt(lines).map(({ number }) => number);
  const unusable: string[] = [];
  for (const row of added) {
    const { data: line, error } = LineConfig.safeParse(JSON.parse(row.config));
    const others = lines.map((one) => one.config);
    const named = others.some(({ name }) => name === row.name) || config.sip.trunks.some(({ name }) => name === row.name);
    if (!line || named) {
      // Nobody could tell the two apart, or nobody knows what it is any more.
      log.error("a line that was added on a page cannot be used", { line: row.name, ...(named ? { named } : { err: error }) });
      unusable.push(row.name);
      continue;
    }
    const issues = lineIssues(line, others, config);
    const lost: string[] = [];
    for (const number of telephonesOf(line)) {
      const taken = telephones.includes(number) || config.sip.extensions.some((extension) => extension.number === number);
      const wrong = taken ? [] : newIssues(planIssues(telephones), planIssues([...telephones, number]));
      issues.push(...wrong.map(asIssue));
      if (taken || wrong.length > 0) lost.push(number);
      else telephones.push(number);
    }
    const [conflict] = issues;
    if (conflict)
      log.error("a line that was added on a page cannot stand beside the others any more, and is not used", { line: row.name });
    lines.push({
      ...{ origin: "page", config: line, off: off.has(line.name) },
      ...(conflict && { conflict: conflict.message, lost }),
    });
  }
  return new LineConfigs(deps, lines, unusable);
}
