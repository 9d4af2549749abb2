import type { CardLine } from "@sitebox/core/contract";
import { Channel, supervise } from "@sitebox/core/kernel";
import type { ByteStream, DialOptions, DialOutcome, Leg, Line, LineDeps, LineState } from "../line/index.ts";
import { LineError, StateHolder } from "../line/index.ts";
import { openUnixStream } from "../streams/index.ts";
import { HelperLink, startHelper, tracedHelper } from "./link/index.ts";
import { FxoPort, FxsPort, type Port, type PortDeps } from "./ports/index.ts";

/** How often cards are looked for that were not there, or had been taken out. */
const LOOK_EVERY_MS = 5_000;
const BACKOFF = { firstMs: 500, maxMs: 15_000 };

export interface CardDeps extends LineDeps {
  /** The helper's program, for lines that do not name a socket where it listens. */
  readonly helperProgram?: string;
  /** Where a private folder for its socket is made; the system's temporary one when absent. */
  readonly runtimeDir?: string;
  /** Connects with a helper in the place of both; for recordings of one ({@link replayedHelper}). */
  readonly connect?: (signal: AbortSignal) => Promise<ByteStream>;
}

/** Analogue cards: lines to exchanges (FXO) that are taken in their configured order, and telephones (FXS) that are extensions. */
class AnalogueLine implements Line {
  readonly #config: CardLine;
  readonly #deps: CardDeps;
  readonly #incoming = new Channel<Leg>();
  readonly #states: StateHolder;
  readonly #closing = new AbortController();
  readonly #fxo: readonly FxoPort[];
  readonly #fxs: readonly FxsPort[];
  #running: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;
  #tried = false;

  constructor(config: CardLine, deps: CardDeps) {
    this.#config = config;
    this.#deps = deps;
    const portDeps: PortDeps = {
      clock: deps.clock,
      log: deps.log,
      line: config.name,
      incoming: (leg) => this.#incoming.push(leg),
      changed: () => this.#tell(),
    };
    this.#fxo = config.ports.flatMap((port) => (port.type === "fxo" ? [new FxoPort(port, portDeps)] : []));
    this.#fxs = config.ports.flatMap((port) => (port.type === "fxs" ? [new FxsPort(port, portDeps)] : []));
    this.#states = new StateHolder(this.state, deps.log);
  }

  get incoming(): AsyncIterable<Leg> {
    return this.#incoming;
  }

  get state(): LineState {
    const ports = this.#ports.map(({ state }) => state);
    // Calls to the outside are what a line is for; one of telephones only is up with them.
    const counted = (this.#fxo.length > 0 ? this.#fxo : this.#fxs).map(({ state }) => state);
    const up = counted.some(({ state }) => state !== "down");
    const [first] = counted;
    const base = {
      name: this.#config.name,
      calls:
        this.#fxo.length > 0
          ? this.#fxo.filter(({ inCall }) => inCall).length
          : counted.filter(({ state }) => state === "busy").length,
      maxCalls: counted.length,
      ports: ports.toSorted((one, other) => one.port - other.port),
    };
    if (up) return { ...base, state: "up" };
    if (!this.#tried) return { ...base, state: "starting" };
    return {
      ...base,
      state: "down",
      ...(first?.fault && { fault: first.fault }),
      ...(first?.reason && { reason: first.reason }),
    };
  }

  onChanged(listener: (state: LineState) => void): Disposable {
    return this.#states.onChanged(listener);
  }

  /** Drives the cards until the line is closed. */
  start(): void {
    const { clock, log } = this.#deps;
    this.#running = supervise("telephony card", (signal) => this.#drive(signal), {
      clock,
      log,
      signal: this.#closing.signal,
      backoff: BACKOFF,
    });
  }

  async dial(number: string, options: DialOptions): Promise<DialOutcome> {
    if (options.signal.aborted) return { type: "no-answer" };
    const telephone = this.#fxs.find(({ extension }) => extension === number);
    if (telephone) return telephone.dial(options);
    if (this.#fxo.length === 0) return { type: "unreachable", reason: "no telephone of the card has the number" };
    const free = this.#fxo.find(({ state }) => state.state === "idle");
    if (free) return free.dial(number, options);
    const { reason } = this.#fxo.map(({ state }) => state).find(({ state }) => state === "down") ?? {};
    return { type: "unreachable", reason: reason ?? "all ports of the card are in use" };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  get #ports(): readonly Port[] {
    return [...this.#fxo, ...this.#fxs];
  }

  async #close(): Promise<void> {
    this.#incoming.close();
    await Promise.all(this.#ports.map((port) => port.socket.close()));
    this.#closing.abort();
    await this.#running;
  }

  /** One life of the helper. */
  async #drive(signal: AbortSignal): Promise<void> {
    const { clock, log, onTraffic } = this.#deps;
    let reason = "the helper is gone";
    try {
      await using stream = tracedHelper(await this.#connect(signal), onTraffic);
      await using link = await HelperLink.open(stream, { clock, log });
      log.info("the helper of the telephony cards speaks", { version: link.version });
      const life = new AbortController();
      const lost = link.lost.then((why) => {
        life.abort();
        if (link.dropped > 0) log.info("the helper did not take sound, it was thrown away", { frames: link.dropped });
        return why;
      });
      await this.#keepLooking(link, AbortSignal.any([signal, life.signal]));
      if (!signal.aborted) throw new LineError(await lost);
    } catch (error) {
      if (error instanceof Error) reason = error.message;
      throw error;
    } finally {
      this.#tried = true;
      if (!signal.aborted) for (const port of this.#ports) port.socket.detach("helper-lost", reason);
      this.#tell();
    }
  }

  /** Opens what channels there are, and those that come later, until the signal aborts. */
  async #keepLooking(link: HelperLink, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#ports.some(({ socket }) => !socket.attached)) {
        const channels = await link.channels();
        const attach = ({ socket }: Port) =>
          socket.attach(
            link,
            channels.find(({ channel }) => channel === socket.channel),
          );
        await Promise.all(this.#ports.map(attach));
      }
      this.#tried = true;
      this.#tell();
      await this.#deps.clock.sleep(LOOK_EVERY_MS, signal).catch((aborted: unknown) => {
        if (!signal.aborted) throw aborted;
      });
    }
  }

  #connect(signal: AbortSignal): Promise<ByteStream> {
    const { helperSocket } = this.#config;
    const { helperProgram, runtimeDir, connect, clock, log } = this.#deps;
    if (connect) return connect(signal);
    if (helperSocket !== undefined) return openUnixStream(helperSocket, { clock, signal });
    if (helperProgram === undefined) throw new LineError("no program is configured that drives the card");
    return startHelper({ program: helperProgram, clock, log, ...(runtimeDir && { runtimeDir }) }, signal);
  }

  #tell(): void {
    this.#states.become(this.state);
  }
}

/** Opens a line of analogue cards. It is there at once, and up as soon as its helper and a card are. */
export function openCardLine(config: CardLine, deps: CardDeps): Line {
  const line = new AnalogueLine(config, deps);
  line.start();
  return line;
}
