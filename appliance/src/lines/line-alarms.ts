import type { Alarm } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { LineState } from "@sitebox/drivers/line";

export interface LineAlarmsDeps {
  readonly clock: Clock;
  states(): readonly LineState[];
  /** Below how many yuan a line's balance is low; undefined where nobody looks. */
  lowBalance(name: string): number | undefined;
  raise(alarm: Omit<Alarm, "at">): void;
}

/** A line may be away for this long: modems restart, carriers lose a packet. */
const PATIENCE_MS = 60_000;

const DOWN = "line-down/";
const BALANCE = "line-balance/";

/** Raises an alarm for a line that died and for a balance that is low, and ends it when that is over. */
export class LineAlarms implements Disposable {
  readonly #deps: LineAlarmsDeps;
  readonly #waiting = new Map<string, Disposable>();
  readonly #down = new Set<string>();

  constructor(deps: LineAlarmsDeps) {
    this.#deps = deps;
  }

  /** Takes over what was on before a restart: alarms of lines that are no more end. */
  start(active: readonly Alarm[]): void {
    const names = new Set(this.#deps.states().map(({ name }) => name));
    for (const { code } of active) {
      const [, prefix, name] = /^(line-down\/|line-balance\/)(.*)$/.exec(code) ?? [];
      if (prefix === undefined || name === undefined) continue;
      if (names.has(name) && prefix === DOWN) this.#down.add(name);
      else if (!names.has(name)) this.forget(name);
    }
    for (const state of this.#deps.states()) this.take(state);
  }

  /** Told of every change of a line. */
  take(state: LineState): void {
    const { name } = state;
    const dead = state.state === "down" && state.fault !== "switched-off";
    if (dead && !this.#waiting.has(name) && !this.#down.has(name))
      this.#waiting.set(
        name,
        this.#deps.clock.after(PATIENCE_MS, () => this.#died(name)),
      );
    if (state.state === "up" || state.fault === "switched-off") this.#isUp(name);
    this.#judgeBalance(state);
  }

  /** The line is no more. */
  forget(name: string): void {
    this.#isUp(name);
    const text = `there is no line ${name} any more`;
    this.#end(`${DOWN}${name}`, text);
    this.#end(`${BALANCE}${name}`, text);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#waiting.values()) timer[Symbol.dispose]();
    this.#waiting.clear();
  }

  #died(name: string): void {
    this.#waiting.delete(name);
    const states = this.#deps.states();
    const state = states.find((one) => one.name === name);
    if (state?.state !== "down") return;
    this.#down.add(name);
    const others = states.some((one) => one.name !== name && one.state === "up");
    // What the far end said may name a SIM or a number, and alarms leave the site.
    const why = state.fault;
    this.#deps.raise({
      code: `${DOWN}${name}`,
      severity: others ? "warning" : "critical",
      text: `the line ${name} is down${why === undefined ? "" : `: ${why}`}${others ? "" : "; no other line is up"}`,
      active: true,
    });
  }

  #isUp(name: string): void {
    this.#waiting.get(name)?.[Symbol.dispose]();
    this.#waiting.delete(name);
    if (this.#down.delete(name)) this.#end(`${DOWN}${name}`, `the line ${name} is up again`);
  }

  #judgeBalance({ name, balance }: LineState): void {
    const low = this.#deps.lowBalance(name);
    if (balance === undefined || low === undefined) return;
    this.#deps.raise({
      code: `${BALANCE}${name}`,
      severity: "warning",
      text: `the balance of the line ${name} is low: ${balance.yuan} yuan are left`,
      active: balance.yuan < low,
    });
  }

  #end(code: string, text: string): void {
    this.#deps.raise({ code, severity: "warning", text, active: false });
  }
}
