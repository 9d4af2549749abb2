import { EventEmitter } from "node:events";
import type { FoundDevice, LineConfig, LineFault } from "@sitebox/core/contract";
import { type Clock, type Log, supervise } from "@sitebox/core/kernel";
import type { ProbedModem } from "@sitebox/drivers/gsm";
import type { Usb, UsbModem } from "@sitebox/drivers/usb";
import type { LineRegistry } from "./line-registry.ts";

/** Times of asking, ms. */
export interface FoundTimes {
  /** How long lines that know their modem by its IMEI alone have the first word with whatever is plugged in. */
  readonly patienceMs: number;
  /** Between two questions to a modem that was not ready yet, or that somebody else had. */
  readonly againMs: number;
}

const usualTimes: FoundTimes = { patienceMs: 10_000, againMs: 15_000 };

export interface FoundDevicesDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly usb: Pick<Usb, "modems" | "onChanged">;
  readonly registry: Pick<LineRegistry, "setUps" | "driver" | "events">;
  /** Asks a modem what it is; undefined where somebody else has its port. Rejects where the signal aborts, once the port is free. */
  readonly probe: (modem: UsbModem, signal: AbortSignal) => Promise<ProbedModem | undefined>;
  readonly times?: Partial<FoundTimes>;
}

/** A modem that is plugged in, and what it has said. */
interface Known {
  readonly seenAt: number;
  /** When it is to be asked, monotonic ms. */
  dueAt: number;
  answers: number;
  said: ProbedModem | undefined;
}

/** A modem is plugged in before it has started, and has started before it is in a network. */
const PASSING: readonly (LineFault | undefined)[] = ["not-answering", "no-sim", "searching", "failed"];
const MOST_ANSWERS = 4;

const keyOf = ({ usbPath, ports }: UsbModem) => [usbPath, ...ports.map(({ path }) => path)].join(" ");

/** By its IMEI alone: such a line asks every modem whether it is its own. */
const seeks = (config: LineConfig): boolean =>
  config.kind === "gsm" && config.imei !== undefined && config.usbPath === undefined && config.atPort === undefined;

/**
 * Modems that are plugged in and belong to no line. Each is asked once what it is, and some times more while it starts. A modem of a line is never
 * asked; one that might be is left to the lines first, and shown when it has said that it is not theirs.
 */
export class FoundDevices implements AsyncDisposable {
  readonly events = new EventEmitter<{ foundChanged: [readonly FoundDevice[]] }>();
  readonly #deps: FoundDevicesDeps;
  readonly #times: FoundTimes;
  readonly #known = new Map<string, Known>();
  readonly #listening = new DisposableStack();
  readonly #closing = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #asking: { readonly modem: UsbModem; readonly stop: AbortController } | undefined;
  #wake = () => {};
  /** Lines that look for their modem, and since when it is these, monotonic ms. */
  #seeking = { names: "", since: 0 };
  #told = "";

  constructor(deps: FoundDevicesDeps) {
    this.#deps = deps;
    this.#times = { ...usualTimes, ...deps.times };
  }

  start(): void {
    const { clock, log, usb, registry } = this.#deps;
    const { signal } = this.#closing;
    const look = () => this.#look();
    this.#listening.use(usb.onChanged(look));
    registry.events.on("lineChanged", look).on("lineRemoved", look);
    this.#listening.defer(() => void registry.events.off("lineChanged", look).off("lineRemoved", look));
    this.#told = JSON.stringify(this.list());
    this.#look();
    this.#running = supervise("found-devices", () => this.#run(signal), { clock, log, signal });
  }

  list(): readonly FoundDevice[] {
    const isSought = this.#seekers().length > 0;
    return this.#deps.usb.modems.flatMap((modem) => {
      const said = this.#known.get(keyOf(modem))?.said;
      return this.#isTaken(modem) || this.#isKnownAs(said?.imei) || (isSought && !said) ? [] : [shown(modem, said)];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listening[Symbol.dispose]();
    this.#closing.abort();
    this.#wake();
    await this.#running;
  }

  /** A line has it, or is set up to: by its socket, by its ports, or by what it found there. */
  #isTaken({ usbPath, ports }: UsbModem): boolean {
    return this.#deps.registry.setUps().some(({ config }) => {
      if (config.kind !== "gsm") return false;
      const stated = [config.atPort, config.audioPort].some(
        (path) => path !== undefined && ports.some((port) => port.path === path),
      );
      return stated || config.usbPath === usbPath || this.#socketOf(config.name) === usbPath;
    });
  }

  #isKnownAs(imei: string | undefined): boolean {
    const isIts = (config: LineConfig) => config.kind === "gsm" && config.imei === imei;
    return imei !== undefined && this.#deps.registry.setUps().some(({ config }) => isIts(config));
  }

  /** Where the modem is that a line has now. */
  #socketOf(name: string): string | undefined {
    const state = this.#deps.registry.driver(name)?.state;
    return state?.fault === "unplugged" ? undefined : state?.device?.usbPath;
  }

  /** Lines that may ask any modem, because they have none. */
  #seekers(): readonly string[] {
    return this.#deps.registry
      .setUps()
      .flatMap(({ config }) => (seeks(config) && this.#socketOf(config.name) === undefined ? [config.name] : []));
  }

  /** Something was plugged in or out, or a line has changed. */
  #look(): void {
    const { clock, usb } = this.#deps;
    const now = clock.monotonic();
    const free = usb.modems.filter((modem) => !this.#isTaken(modem));
    const keys = new Set(free.map(keyOf));
    // What a line has used is asked anew after it: another SIM may be in it by then.
    for (const key of this.#known.keys()) if (!keys.has(key)) this.#known.delete(key);
    for (const key of keys)
      if (!this.#known.has(key)) this.#known.set(key, { seenAt: now, dueAt: now, answers: 0, said: undefined });
    if (this.#asking && !keys.has(keyOf(this.#asking.modem))) this.#asking.stop.abort();
    const names = this.#seekers().join();
    if (names !== this.#seeking.names) this.#seeking = { names, since: now };
    this.#tell();
    this.#wake();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    while (!signal.aborted) {
      const next = this.#next();
      if (next && next.at <= clock.monotonic()) await this.#ask(next.modem, next.known, signal);
      else await this.#rest(next?.at, signal);
    }
  }

  /** The modem that is to be asked next. */
  #next(): { readonly modem: UsbModem; readonly known: Known; readonly at: number } | undefined {
    const { names, since } = this.#seeking;
    const dues = this.#deps.usb.modems.flatMap((modem) => {
      const known = this.#known.get(keyOf(modem));
      if (!known || !Number.isFinite(known.dueAt)) return [];
      const linesFirst = names === "" ? 0 : Math.max(known.seenAt, since) + this.#times.patienceMs;
      return [{ modem, known, at: Math.max(known.dueAt, linesFirst) }];
    });
    return dues.sort((one, other) => one.at - other.at)[0];
  }

  async #rest(until: number | undefined, signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    using _timer = until === undefined ? undefined : clock.after(Math.max(0, until - clock.monotonic()), resolve);
    if (!signal.aborted) await promise;
    this.#wake = () => {};
  }

  async #ask(modem: UsbModem, known: Known, signal: AbortSignal): Promise<void> {
    const { clock, log, probe } = this.#deps;
    const stop = new AbortController();
    this.#asking = { modem, stop };
    known.dueAt = Number.POSITIVE_INFINITY;
    let said: ProbedModem | undefined;
    try {
      said = await probe(modem, AbortSignal.any([stop.signal, signal]));
    } catch (error) {
      // A line wants it, it was pulled out, or the box closes.
      if (stop.signal.aborted || signal.aborted) return;
      throw error;
    } finally {
      this.#asking = undefined;
    }
    const isReady = said !== undefined && said.operator !== undefined && said.fault === undefined;
    const isFinal = said?.fault !== undefined && !PASSING.includes(said.fault);
    if (said) {
      // What it is does not change while it is plugged in.
      const before = known.said?.imei;
      known.said = before === undefined ? said : { imei: before, ...said };
      known.answers++;
      const { profile, fault, imei, iccid, number, operator } = said;
      log.info("a modem was asked what it is", {
        usbPath: modem.usbPath,
        profile,
        fault,
        operator,
        pii: { imei, iccid, number },
      });
    }
    if (!isReady && !isFinal && known.answers < MOST_ANSWERS) known.dueAt = clock.monotonic() + this.#times.againMs;
    this.#tell();
  }

  #tell(): void {
    const found = this.list();
    const told = JSON.stringify(found);
    if (told === this.#told) return;
    this.#told = told;
    this.events.emit("foundChanged", found);
  }
}

function shown({ usbPath, fingerprint }: UsbModem, said: ProbedModem | undefined): FoundDevice {
  const { usbId, model, profile } = fingerprint;
  const { firmware: _, ...told } = said ?? {};
  return { usbPath, usbId, profile, ...told, model };
}
