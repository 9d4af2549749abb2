import type { GsmLine } from "@sitebox/core/contract";
import { Channel, supervise } from "@sitebox/core/kernel";
import {
  type Balance,
  type ByteStream,
  type DialOptions,
  type DialOutcome,
  type IncomingText,
  type Leg,
  type Line,
  type LineDeps,
  LineError,
  type LineState,
  OwnSim,
  type SimMemory,
  StateHolder,
  type TextOutcome,
  type TextPort,
  type TextReport,
} from "../line/index.ts";
import { openSerial } from "../serial/index.ts";
import type { Usb } from "../usb/index.ts";
import { asFault, connect, isInUse, isMissing } from "./connect.ts";
import { ModemFinder, type ModemPorts } from "./find.ts";
import type { ModemFault, ModemIdentity } from "./modem/index.ts";
import { askBalance, keepBalance, type NetworkDeps, runUssd } from "./network/index.ts";
import { openServices, type Services } from "./services.ts";
import { AwaitedReports, type ReportMemory } from "./texts/index.ts";
import { type GsmTimes, usualGsmTimes } from "./times.ts";
import { useModem } from "./use-modem.ts";

export interface GsmDeps extends LineDeps {
  /** Where modems are found; without it only stated ports can be used. */
  readonly usb?: Usb;
  /** Opens a port; for recordings of one. Real ports are opened where it is absent. */
  readonly openSerial?: (path: string) => Promise<ByteStream>;
  readonly times?: Partial<GsmTimes>;
  /**
   * A second call waits. True where whoever has the first one ends it for the second, which then comes in; otherwise the second is told that we are
   * busy. Asked again and again while it waits.
   */
  readonly callWaits?: (() => boolean) | undefined;
  /** What reports are awaited over a restart; absent: none. */
  readonly reports?: ReportMemory;
  /** Which SIM its number was first seen with; absent: it is known until the line is closed. */
  readonly sims?: SimMemory;
}

type Change = Partial<Omit<LineState, "name" | "fault" | "reason">>;

/**
 * Opens a line over a GSM modem. It is there at once and comes up by itself: whatever happens to the modem, it is looked for and set up again
 * until the line is disposed, which hangs up. Rejects where it cannot be read which SIM is its own.
 */
export async function openGsmLine(config: GsmLine, deps: GsmDeps): Promise<Line> {
  const line = new GsmModemLine(config, deps);
  await line.load();
  line.start();
  return line;
}

class GsmModemLine implements Line {
  readonly incoming = new Channel<Leg>();
  readonly texts: TextPort;
  readonly #config: GsmLine;
  readonly #deps: GsmDeps;
  readonly #times: GsmTimes;
  readonly #finder: ModemFinder;
  readonly #awaited: AwaitedReports;
  readonly #ownSim: OwnSim;
  readonly #texts = new Channel<IncomingText>();
  readonly #reports = new Channel<TextReport>();
  readonly #states: StateHolder;
  readonly #closing = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #services: Services | undefined;
  /** Times in a row that the modem was there and silent. */
  #silences = 0;
  /** The socket that the line's own modem was last seen in. */
  #usbPath: string | undefined;

  constructor(config: GsmLine, deps: GsmDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#times = { ...usualGsmTimes, ...deps.times };
    this.#finder = new ModemFinder(config, { usb: deps.usb, clock: deps.clock });
    this.#awaited = new AwaitedReports({ clock: deps.clock, log: deps.log, memory: deps.reports });
    this.#ownSim = new OwnSim({ sim: config.sim, log: deps.log, memory: deps.sims });
    this.#states = new StateHolder({ name: config.name, state: "starting", calls: 0, maxCalls: 1 }, deps.log);
    this.texts = {
      incoming: this.#texts,
      reports: this.#reports,
      send: (to, text, { signal }) => this.#send(to, text, signal),
    };
  }

  get state(): LineState {
    return this.#states.state;
  }

  async load(): Promise<void> {
    await Promise.all([this.#awaited.load(), this.#ownSim.load()]);
  }

  start(): void {
    const { clock, log } = this.#deps;
    const { signal } = this.#closing;
    const { backoff, healthyAfterMs } = this.#times;
    const supervised = { clock, log: log.child("gsm", { line: this.#config.name }), signal };
    const jobs = [supervise("gsm", () => this.#run(signal), { ...supervised, backoff, healthyAfterMs })];
    const everyMs = this.#config.balanceHours * 3_600_000;
    const keep = () => keepBalance({ ...this.#networkDeps(), everyMs, signal, ask: () => this.askBalance(signal) });
    if (everyMs > 0) jobs.push(supervise("balance", keep, supervised));
    this.#running = Promise.all(jobs).then(() => {});
  }

  onChanged(listener: (state: LineState) => void): Disposable {
    return this.#states.onChanged(listener);
  }

  async dial(number: string, options: DialOptions): Promise<DialOutcome> {
    if (options.signal.aborted) return { type: "no-answer" };
    return (await this.#services?.calls.dial(number, options)) ?? { type: "unreachable", reason: this.#whyDown() };
  }

  async ussd(code: string, { signal }: { readonly signal: AbortSignal }): Promise<string> {
    const { modem } = this.#ready();
    return await runUssd(modem, code, signal, this.#networkDeps());
  }

  async askBalance(signal: AbortSignal): Promise<Balance> {
    const { modem, texts } = this.#ready();
    const balance = await askBalance(modem, this.#config.operator, signal, { ...this.#networkDeps(), texts });
    this.#change({ balance });
    return balance;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
    await Promise.all([this.#awaited[Symbol.asyncDispose](), this.#ownSim[Symbol.asyncDispose]()]);
    for (const channel of [this.incoming, this.#texts, this.#reports]) channel.close();
    this.#states.clear();
  }

  async #send(to: string, text: string, signal: AbortSignal): Promise<TextOutcome> {
    const services = this.#services;
    if (!services) return { type: "failed", reason: this.#whyDown(), retry: true };
    return await services.texts.send(to, text, { signal });
  }

  #ready(): Services {
    if (!this.#services) throw new LineError(this.#whyDown());
    return this.#services;
  }

  #networkDeps(): NetworkDeps {
    const { clock, log } = this.#deps;
    return { clock, log: log.child("network", { line: this.#config.name }) };
  }

  #whyDown(): string {
    return this.state.reason ?? "the modem is not ready yet";
  }

  /** One life of the modem: from being found to being lost. Ends with an error unless the line is closed. */
  async #run(signal: AbortSignal): Promise<void> {
    try {
      await this.#live(signal);
    } catch (error) {
      if (signal.aborted) return;
      const fault = asFault(error);
      this.#down(fault);
      await this.#powerCycle(fault, signal);
      throw fault;
    }
  }

  async #live(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const places = this.#finder.list();
      if (places.length === 0) {
        this.#down(this.#finder.missing());
        await this.#finder.changed(signal);
        continue;
      }
      for (const ports of places) if (await this.#try(ports, signal)) return;
    }
  }

  /** Whether the line's modem was there and the line is closed; false where it is to be looked for elsewhere, or here again. */
  async #try(ports: ModemPorts, signal: AbortSignal): Promise<boolean> {
    const { imei } = this.#config;
    let known: Partial<ModemIdentity> = {};
    try {
      await this.#use(ports, signal, (identity) => (known = identity));
      return true;
    } catch (error) {
      const isOther = imei !== undefined && known.imei !== undefined && known.imei !== imei;
      if (this.#finder.mayBeElsewhere && (isOther || isInUse(error))) {
        this.#finder.passOver(ports, isOther ? this.#times.lookAgainMs : this.#times.searchMs);
        return false;
      }
      if (!isMissing(error)) throw error;
      // What is unplugged costs nothing to look for, so it is back soon after it is plugged in.
      this.#down(asFault(error));
      await this.#deps.clock.sleep(this.#times.searchMs, signal);
      return false;
    }
  }

  async #use(ports: ModemPorts, signal: AbortSignal, onIdentity: (identity: Partial<ModemIdentity>) => void): Promise<void> {
    const { clock, log, onTraffic } = this.#deps;
    const open = this.#deps.openSerial ?? ((path: string) => openSerial(path, { log, clock }));
    const times = this.#times;
    await using connection = await connect(ports, { clock, log, times, openSerial: open, onTraffic, signal });
    const { usbPath } = ports;
    await useModem(connection, this.#config, {
      clock,
      times,
      signal,
      openSerial: open,
      ownSim: this.#ownSim,
      onIdentity: (identity) => {
        onIdentity(identity);
        if (this.#config.imei !== undefined && identity.imei !== this.#config.imei) return;
        this.#usbPath = usbPath;
        const { model, firmware, imei, iccid } = identity;
        const device = { ...(model && { model }), ...(firmware && { firmware }), ...(imei && { imei }), ...(iccid && { iccid }) };
        this.#change({ device: { ...device, ...(usbPath !== undefined && { usbPath }) } });
      },
      onRadio: (radio) => this.#change({ radio }),
      onDown: (fault) => this.#down(fault),
      onUp: (modem) => {
        this.#silences = 0;
        this.#services ??= openServices(modem, this.#config, {
          clock,
          log,
          onTraffic,
          awaited: this.#awaited,
          callWaits: this.#deps.callWaits,
          onCallsChanged: (calls) => this.#change({ calls }),
          incomingCall: (leg) => this.incoming.push(leg),
          incomingText: (text) => this.#texts.push(text),
          report: (report) => this.#reports.push(report),
          textsNearlyFull: (is) => this.#change({ warnings: is ? ["texts-nearly-full"] : [] }),
        });
        this.#up(modem.openAudio !== undefined);
      },
      onOver: async () => {
        const services = this.#services;
        this.#services = undefined;
        await services?.[Symbol.asyncDispose]();
      },
    });
  }

  /** A modem that is there and silent, time after time, is made to start anew. */
  async #powerCycle({ fault }: ModemFault, signal: AbortSignal): Promise<void> {
    if (fault !== "not-answering") return;
    const { usb, log } = this.#deps;
    const usbPath = this.#config.usbPath ?? this.#usbPath;
    if (++this.#silences < this.#times.powerCycleAfter || !usb || usbPath === undefined) return;
    this.#silences = 0;
    await usb
      .powerCycle(usbPath, signal)
      .catch((err: unknown) => log.warn("a silent modem could not be restarted", { usbPath, err }));
  }

  #up(withSound: boolean): void {
    const { fault: _fault, reason: _reason, ...rest } = this.state;
    const silent = { fault: "no-audio-port", reason: "the modem has no port for sound: texts only" } as const;
    this.#set({ ...rest, state: "up", maxCalls: withSound ? 1 : 0, ...(!withSound && silent) });
  }

  #down({ fault, message }: ModemFault): void {
    const { radio: _radio, ...rest } = this.state;
    this.#set({ ...rest, state: "down", fault, reason: message, calls: this.#services ? rest.calls : 0 });
  }

  #change(change: Change): void {
    this.#set({ ...this.state, ...change });
  }

  #set(state: LineState): void {
    const before = this.state;
    if (!this.#states.become(state)) return;
    if (state.state !== before.state || state.fault !== before.fault)
      this.#deps.log.info("a GSM line", { line: state.name, state: state.state, fault: state.fault, reason: state.reason });
  }
}
