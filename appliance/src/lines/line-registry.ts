import { EventEmitter } from "node:events";
import type { LineChange, LineConfig, OutsideLine } from "@sitebox/core/contract";
import { Channel, type Clock, type Log } from "@sitebox/core/kernel";
import type { DialOptions, DialOutcome, Leg, Line, LineState, Trunk } from "@sitebox/drivers/line";
import { leftOf, limitsOf, whyNoCall, whyNoText } from "./limits.ts";
import type { LineConfigs, SetUpLine } from "./line-configs.ts";
import { numbersOf, telephonesOf } from "./line-facts.ts";
import type { LineUses } from "./line-uses.ts";
import type { LineSource } from "./lines.ts";
import { type LineTakers, ManagedLine, type OpenLine } from "./managed-line.ts";
import { priceList } from "./tariffs.ts";

export interface LineRegistryDeps extends Omit<LineTakers, "onCall"> {
  readonly clock: Clock;
  readonly log: Log;
  readonly configs: LineConfigs;
  readonly uses: LineUses;
  readonly open: OpenLine;
}

export interface LineRegistryEvents {
  lineChanged: [LineState];
  lineRemoved: [name: string];
}

/** A line that is set up: its configuration, and the driver where it is in use. */
interface Entry {
  readonly setUp: SetUpLine;
  readonly managed: ManagedLine | undefined;
  readonly price: (number: string) => number;
}

/** Calls that wait for somebody to take them; nobody is ever that late. */
const MOST_WAITING = 1_000;

const stopped = ({ config, conflict }: SetUpLine): LineState => ({
  name: config.name,
  state: "down",
  calls: 0,
  maxCalls: 0,
  ...(conflict === undefined ? { fault: "switched-off" } : { fault: "failed", reason: conflict }),
});

/** Everything but limits and prices is the driver's. */
const forDriver = ({ limits: _, tariffs: __, ...config }: LineConfig) => JSON.stringify(config);

/** All lines with devices of their own, and carriers that were added on a page: opened, changed and closed while calls go on by the others. */
export class LineRegistry implements LineSource, AsyncDisposable {
  readonly events = new EventEmitter<LineRegistryEvents>();
  readonly #deps: LineRegistryDeps;
  readonly #entries = new Map<string, Entry>();
  readonly #incoming = new Channel<Leg>(MOST_WAITING);
  #changing: Promise<unknown> = Promise.resolve();

  constructor(deps: LineRegistryDeps) {
    this.#deps = deps;
  }

  /** Opens every line. None of them can keep the box from starting: one that does not open is down and says why. */
  start(): void {
    for (const setUp of this.#deps.configs.all()) this.#put(setUp);
  }

  /** Calls that come in by any of them. One reader. */
  get incoming(): AsyncIterable<Leg> {
    return this.#incoming;
  }

  lines(): readonly LineState[] {
    return [...this.#entries.values()].map(({ setUp, managed }) => managed?.state ?? stopped(setUp));
  }

  line(name: string): Pick<Trunk, "dial"> {
    return { dial: (number, options) => this.#dial(name, number, options) };
  }

  onLineChanged(listener: (state: LineState) => void): Disposable {
    this.events.on("lineChanged", listener);
    return { [Symbol.dispose]: () => void this.events.off("lineChanged", listener) };
  }

  limited(name: string): string | undefined {
    const entry = this.#entries.get(name);
    return entry && whyNoCall(this.#deps.uses.of(name), this.#limits(entry), this.#deps.clock.now());
  }

  price(name: string, number: string): number {
    return this.#entries.get(name)?.price(number) ?? 0;
  }

  /** All that are set up, the file's first. */
  setUps(): readonly SetUpLine[] {
    return [...this.#entries.values()].map(({ setUp }) => setUp);
  }

  /** How a line is set up; undefined for a carrier of `sip.trunks` and for no line at all. */
  setUp(name: string): SetUpLine | undefined {
    return this.#entries.get(name)?.setUp;
  }

  /** The driver of a line; undefined while it is not open. */
  driver(name: string): Line | undefined {
    return this.#entries.get(name)?.managed?.line;
  }

  /** What went between its driver and its device lately; undefined for no line of ours. */
  transcript(name: string): string | undefined {
    return this.#entries.get(name)?.managed?.traffic.text();
  }

  left(name: string): OutsideLine["left"] {
    const entry = this.#entries.get(name);
    return entry && leftOf(this.#deps.uses.of(name), this.#limits(entry));
  }

  /** Why it may send no text now, and for how long. */
  whyNoText(name: string): ReturnType<typeof whyNoText> {
    const entry = this.#entries.get(name);
    return entry && whyNoText(this.#deps.uses.of(name), this.#limits(entry), this.#deps.clock.now());
  }

  /** A text is sent by it. */
  texted(name: string): void {
    this.#deps.uses.texted(name);
    this.#told(name);
  }

  /** The card into which the telephone with that number is plugged. */
  telephone(number: string): Pick<Trunk, "dial"> | undefined {
    for (const { setUp, managed } of this.#entries.values())
      if (telephonesOf(setUp.config).includes(number)) return managed?.line;
    return undefined;
  }

  /** Who changed which line, the newest first. */
  changes(query: { readonly line?: string | undefined; readonly limit: number }): Promise<LineChange[]> {
    return this.#deps.configs.changes(query);
  }

  /** Rejects as {@link LineConfigs.add} does. */
  add(config: LineConfig, by?: string): Promise<SetUpLine> {
    return this.#change(async () => this.#put(await this.#deps.configs.add(config, by)));
  }

  /** Rejects as {@link LineConfigs.change} does. Calls by it end where more than limits and prices was changed. */
  change(name: string, change: Record<string, unknown>, by?: string): Promise<SetUpLine> {
    return this.#change(async () => this.#replace(await this.#deps.configs.change(name, change, by)));
  }

  /** Rejects as {@link LineConfigs.remove} does. */
  remove(name: string, by?: string): Promise<void> {
    return this.#change(async () => {
      await this.#deps.configs.remove(name, by);
      const entry = this.#entries.get(name);
      this.#entries.delete(name);
      this.#deps.uses.forget(name);
      await entry?.managed?.[Symbol.asyncDispose]();
      this.events.emit("lineRemoved", name);
    });
  }

  /** Rejects as {@link LineConfigs.switch} does. */
  switch(name: string, on: boolean): Promise<SetUpLine> {
    return this.#change(async () => this.#replace(await this.#deps.configs.switch(name, on)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#changing;
    await Promise.all([...this.#entries.values()].map(({ managed }) => managed?.[Symbol.asyncDispose]()));
    this.#incoming.close();
  }

  /** One change after the other: two at once could both take the last free place. */
  #change<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(work);
    this.#changing = done.catch(() => {});
    return done;
  }

  #put(setUp: SetUpLine, known?: ManagedLine): SetUpLine {
    const { name } = setUp.config;
    const used = !setUp.off && setUp.conflict === undefined;
    const managed = known ?? (used ? this.#managed(setUp.config) : undefined);
    this.#entries.set(name, { setUp, managed, price: priceList(setUp.config) });
    if (!known) managed?.start();
    this.#told(name);
    return setUp;
  }

  async #replace(setUp: SetUpLine): Promise<SetUpLine> {
    const { config, off } = setUp;
    const before = this.#entries.get(config.name);
    const same = before !== undefined && before.setUp.off === off && forDriver(before.setUp.config) === forDriver(config);
    if (same) return this.#put(setUp, before.managed);
    // The device can be had by one driver at a time.
    await before?.managed?.[Symbol.asyncDispose]();
    return this.#put(setUp);
  }

  #managed(config: LineConfig): ManagedLine {
    const { clock, log, open, onText, onReport } = this.#deps;
    return new ManagedLine(config, {
      clock,
      log,
      open,
      onText,
      onReport,
      onCall: (leg) => this.#incoming.push(leg),
      onChanged: (state) => void this.events.emit("lineChanged", state),
    });
  }

  #told(name: string): void {
    const entry = this.#entries.get(name);
    if (entry) this.events.emit("lineChanged", entry.managed?.state ?? stopped(entry.setUp));
  }

  #limits({ setUp: { config } }: Entry) {
    return limitsOf(config.limits, numbersOf(config).length);
  }

  async #dial(name: string, number: string, options: DialOptions): Promise<DialOutcome> {
    const { uses, clock } = this.#deps;
    const line = this.driver(name);
    if (!line) return { type: "unreachable", reason: "the line is not open" };
    // Whoever calls for help takes nothing from what the line may do.
    if (options.emergency) return line.dial(number, options);
    uses.called(name);
    let outcome: DialOutcome | undefined;
    try {
      outcome = await line.dial(number, options);
      return outcome;
    } finally {
      const answeredAt = clock.monotonic();
      if (outcome?.type === "answered")
        void outcome.leg.ended.then(() => {
          uses.ended(name, clock.monotonic() - answeredAt);
          this.#told(name);
        });
      else uses.ended(name, 0);
    }
  }
}
