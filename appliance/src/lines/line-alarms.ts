import { type Alarm, type AlarmChange, type AlarmKind, type AlarmTold, alarmOf, type SelfCall } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { LineState } from "@sitebox/drivers/line";

export interface LineAlarmsDeps {
  readonly clock: Clock;
  states(): readonly LineState[];
  /** Below how many yuan a line's balance is low; undefined where nobody looks. */
  lowBalance(name: string): number | undefined;
  raise(alarm: AlarmChange): void;
}

/** A line may be away for this long: modems restart, carriers lose a packet. */
const PATIENCE_MS = 60_000;
/** Many texts may come at once; the box reads them away within minutes. */
const TEXTS_PATIENCE_MS = 5 * 60_000;

const DOWN = "line-down/";
const BALANCE = "line-balance/";
const TEXTS = "line-texts-full/";
const SELF_CALL = "line-self-call/";
/** Each of them in the code of an alarm. */
const CODE = /^(line-down\/|line-balance\/|line-texts-full\/|line-self-call\/)(.*)$/;

type Told = AlarmTold & Pick<Alarm, "severity">;

const textsFull = (line: string): Told => ({ severity: "warning", ...alarmOf("line-texts-full", { line }) });

type SilentKind = Extract<
  AlarmKind,
  "line-not-rung" | "line-not-connected" | "line-silent" | "line-silent-in" | "line-silent-out"
>;

/** What a call to a line's own number says of the line; undefined where it says nothing bad. */
function wrongWith({ result, toLine, fromLine }: SelfCall): SilentKind | undefined {
  if (result === "not-rung" || result === "not-connected") return `line-${result}`;
  if (result !== "silent") return undefined;
  if (!toLine?.heard && !fromLine?.heard) return "line-silent";
  return toLine?.heard ? "line-silent-out" : "line-silent-in";
}

/**
 * Raises an alarm for a line that died, does not ring or is silent when it is called, a balance that is low and a memory of texts that stays nearly
 * full, and ends it when that is over.
 */
export class LineAlarms implements Disposable {
  readonly #deps: LineAlarmsDeps;
  /** What has begun and may pass, by the alarm's code. */
  readonly #waiting = new Map<string, Disposable>();
  /** Alarms that have to last before they are raised and are on. */
  readonly #on = new Set<string>();

  constructor(deps: LineAlarmsDeps) {
    this.#deps = deps;
  }

  /** Takes over what was on before a restart: alarms of lines that are no more end. */
  start(active: readonly Alarm[]): void {
    const names = new Set(this.#deps.states().map(({ name }) => name));
    for (const { code } of active) {
      const [, prefix, name] = CODE.exec(code) ?? [];
      if (prefix === undefined || name === undefined) continue;
      if (!names.has(name)) this.forget(name);
      else if (prefix === DOWN || prefix === TEXTS) this.#on.add(code);
    }
    for (const state of this.#deps.states()) this.take(state);
  }

  /** Told of every change of a line. */
  take(state: LineState): void {
    const { name, warnings } = state;
    const down = `${DOWN}${name}`;
    if (state.state === "down" && state.fault !== "switched-off") this.#begin(down, PATIENCE_MS, () => this.#died(name));
    if (state.state === "up" || state.fault === "switched-off") this.#over(down, `the line ${name} is up again`);
    const texts = `${TEXTS}${name}`;
    if (warnings?.includes("texts-nearly-full")) this.#begin(texts, TEXTS_PATIENCE_MS, () => textsFull(name));
    else if (warnings) this.#over(texts, `the line ${name} has room for texts again`);
    this.#judgeBalance(state);
  }

  /** How the last calls to each of the line's own numbers went. */
  calledItself(line: string, calls: readonly SelfCall[]): void {
    const code = `${SELF_CALL}${line}`;
    const [wrong] = calls.flatMap((call) => {
      const kind = wrongWith(call);
      return kind === undefined ? [] : [{ kind, by: call.by }];
    });
    if (wrong) this.#deps.raise({ code, severity: "warning", ...alarmOf(wrong.kind, { line, by: wrong.by }), active: true });
    else this.#end(code, `the line ${line} rings and is heard again`);
  }

  /** The line is no more. */
  forget(name: string): void {
    const text = `there is no line ${name} any more`;
    for (const prefix of [DOWN, TEXTS, BALANCE, SELF_CALL]) {
      this.#over(`${prefix}${name}`, text);
      this.#end(`${prefix}${name}`, text);
    }
  }

  [Symbol.dispose](): void {
    for (const timer of this.#waiting.values()) timer[Symbol.dispose]();
    this.#waiting.clear();
  }

  /** Something that is told when it has lasted; `tell` answers nothing where it has not. */
  #begin(code: string, lastsMs: number, tell: () => Told | undefined): void {
    if (this.#waiting.has(code) || this.#on.has(code)) return;
    const timer = this.#deps.clock.after(lastsMs, () => {
      this.#waiting.delete(code);
      const told = tell();
      if (!told) return;
      this.#on.add(code);
      this.#deps.raise({ code, ...told, active: true });
    });
    this.#waiting.set(code, timer);
  }

  #over(code: string, text: string): void {
    this.#waiting.get(code)?.[Symbol.dispose]();
    this.#waiting.delete(code);
    if (this.#on.delete(code)) this.#end(code, text);
  }

  #died(name: string): Told | undefined {
    const states = this.#deps.states();
    const state = states.find((one) => one.name === name);
    if (state?.state !== "down") return undefined;
    const others = states.some((one) => one.name !== name && one.state === "up");
    // What the far end said may name a SIM or a number, and alarms leave the site.
    const about = { line: name, fault: state.fault ?? "failed" };
    return others
      ? { severity: "warning", ...alarmOf("line-down", about) }
      : { severity: "critical", ...alarmOf("last-line-down", about) };
  }

  #judgeBalance({ name, balance }: LineState): void {
    const low = this.#deps.lowBalance(name);
    if (balance === undefined || low === undefined) return;
    const code = `${BALANCE}${name}`;
    const { yuan } = balance;
    if (yuan >= low) this.#end(code, `the balance of the line ${name} is ${yuan} yuan again`);
    else this.#deps.raise({ code, severity: "warning", ...alarmOf("line-balance", { line: name, yuan }), active: true });
  }

  #end(code: string, text: string): void {
    this.#deps.raise({ code, severity: "warning", text, active: false });
  }
}
