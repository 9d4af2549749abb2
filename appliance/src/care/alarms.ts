import { EventEmitter } from "node:events";
import { Alarm, type AlarmChange } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { BoxDatabase } from "../db/index.ts";
import { appendOutbox } from "../sync/index.ts";

export interface AlarmsDeps {
  readonly db: BoxDatabase;
  readonly clock: Clock;
  readonly log: Log;
}

const isSame = (known: Alarm, alarm: AlarmChange): boolean =>
  known.active === alarm.active && known.severity === alarm.severity && (!alarm.active || known.kind === alarm.kind);

/** What is wrong with the box, told to headquarters before anything else. One alarm a code; it is on or off. */
export class Alarms {
  readonly events = new EventEmitter<{ alarmChanged: [Alarm] }>();
  readonly #deps: AlarmsDeps;
  readonly #alarms = new Map<string, Alarm>();
  /** Not on disk yet: the disk may be what is wrong. */
  readonly #unsaved = new Set<string>();
  #saving: Promise<void> = Promise.resolve();

  constructor(deps: AlarmsDeps) {
    this.#deps = deps;
  }

  /** Takes over what was on before a restart. */
  async load(): Promise<void> {
    const rows = await this.#deps.db.read((db) => db.selectFrom("alarm").selectAll().execute());
    for (const { code, alarm } of rows) this.#alarms.set(code, Alarm.parse(JSON.parse(alarm)));
  }

  get active(): Alarm[] {
    return [...this.#alarms.values()].filter(({ active }) => active);
  }

  /** Turns an alarm on or off; telling the same again changes nothing. One that cannot be stored is kept and tried again by {@link save}. */
  set(alarm: AlarmChange): void {
    const known = this.#alarms.get(alarm.code);
    if (known ? isSame(known, alarm) : !alarm.active) return;
    const changed = { ...alarm, at: this.#deps.clock.now() };
    this.#alarms.set(alarm.code, changed);
    this.#unsaved.add(alarm.code);
    const { code, severity, active } = alarm;
    this.#deps.log.warn("alarm", { code, severity, active });
    this.events.emit("alarmChanged", changed);
  }

  /** Stores what has changed, with its way to headquarters; one after the other, so that each change goes once. */
  save(): Promise<void> {
    const saving = this.#saving.then(() => this.#save());
    this.#saving = saving.catch(() => {});
    return saving;
  }

  async #save(): Promise<void> {
    const { db, clock } = this.#deps;
    const alarms = [...this.#unsaved].flatMap((code) => this.#alarms.get(code) ?? []);
    if (alarms.length === 0) return;
    await db.transact(async (tx) => {
      for (const alarm of alarms) {
        const text = JSON.stringify(alarm);
        const { rev } = await tx
          .insertInto("alarm")
          .values({ code: alarm.code, alarm: text, rev: 1 })
          .onConflict((conflict) => conflict.column("code").doUpdateSet((eb) => ({ alarm: text, rev: eb("alarm.rev", "+", 1) })))
          .returning("rev")
          .executeTakeFirstOrThrow();
        await appendOutbox(tx, clock, {
          cls: "p0",
          aggregate: `alarm/${alarm.code}`,
          rev,
          body: { type: "alarm.changed", alarm },
        });
      }
    });
    for (const alarm of alarms) if (this.#alarms.get(alarm.code) === alarm) this.#unsaved.delete(alarm.code);
  }
}
