import { randomInt } from "node:crypto";
import type { GatewayLine, SipTrunkInput } from "@sitebox/core/contract";
import { supervise } from "@sitebox/core/kernel";
import { keepBalance } from "../gsm/network/index.ts";
import {
  type Balance,
  checkServiceCode,
  type DialOptions,
  type DialOutcome,
  type Leg,
  type Line,
  type LineDeps,
  LineError,
  type LineState,
  OwnSim,
  type OwnSimDeps,
  type SimMemory,
  StateHolder,
  type TextPort,
} from "../line/index.ts";
import type { SipEndpoint } from "../sip/index.ts";
import { Balances } from "./balances.ts";
import { Dinstar } from "./dinstar/index.ts";
import { Goip } from "./goip/index.ts";
import {
  type ConnectRecording,
  forgetfulMemory,
  type GatewayMemory,
  type Maker,
  type MakerDeps,
  type Management,
  type ManagementDeps,
} from "./management.ts";
import { openManagement } from "./open-management.ts";
import { gatewayState } from "./state.ts";
import { choosePort, GatewayTexts } from "./texts.ts";
import { Yeastar } from "./yeastar/index.ts";

export interface GatewayDeps extends LineDeps {
  /** Carries the calls; those that come in come in its `incoming`, under the line's name. */
  readonly sip: Pick<SipEndpoint, "addLine">;
  /** Where the line notes which texts of the gateway it has had. Absent: all that the gateway keeps are told again after a restart. */
  readonly memory?: GatewayMemory;
  /** Which SIM each of its numbers was first seen with; absent: they are known until the line is closed. */
  readonly sims?: SimMemory;
  /** Between two texts of one port instead of what the maker asks for, ms. */
  readonly textGapMs?: number;
  /** Connects with a recording in the place of the gateway's management; for recordings. */
  readonly connect?: ConnectRecording;
  /** The number by which a text or a service code is known to the gateway, anew each time, below 2^31; by chance when absent. For recordings. */
  readonly newId?: () => number;
}

const randomId = () => randomInt(1, 2 ** 31 - 1);
/** Yeastar asks for no more than one text in ten seconds and port. */
const TEXT_GAP_MS = 10_000;

interface GatewayParts {
  readonly sip: Line;
  readonly management: Management | undefined;
  /** By port. */
  readonly ownSims: ReadonlyMap<number, OwnSim>;
}

/** A gateway with several SIMs or analogue lines. */
class Gateway implements Line {
  readonly texts?: TextPort;
  readonly ussd?: NonNullable<Line["ussd"]>;
  readonly askBalance?: NonNullable<Line["askBalance"]>;
  readonly #config: GatewayLine;
  readonly #deps: LineDeps;
  readonly #sip: Line;
  readonly #management: Management | undefined;
  readonly #owned = new AsyncDisposableStack();
  /** Sockets at which a service code is running: an answer does not say to which code it is. */
  readonly #asking = new Set<number>();
  readonly #ownSims: ReadonlyMap<number, OwnSim>;
  readonly #states: StateHolder;
  readonly #balances: Balances | undefined;
  readonly #closing = new AbortController();
  #keeping: Promise<void> = Promise.resolve();

  constructor(config: GatewayLine, { sip, management, ownSims }: GatewayParts, deps: LineDeps) {
    this.#config = config;
    this.#ownSims = ownSims;
    this.#deps = deps;
    this.#sip = this.#owned.use(sip);
    this.#management = management;
    if (management) {
      this.#owned.use(management);
      const texts = this.#owned.use(
        new GatewayTexts({
          management,
          ready: () => this.#textsGo(management),
          choose: (port) => this.#choose(port),
        }),
      );
      const ussd: Line["ussd"] = (code, options) => this.#ussd(management, code, options);
      const { clock, log } = deps;
      const balances = new Balances({ clock, log, ports: config.ports, management, texts, ussd, onTold: () => this.tell() });
      [this.texts, this.ussd, this.#balances] = [texts, ussd, balances];
      this.askBalance = (signal) => this.#askBalance(balances, signal);
    }
    this.#states = new StateHolder(this.state, deps.log);
    this.#owned.use(sip.onChanged(() => this.tell()));
  }

  get state(): LineState {
    const balances = this.#balances?.known;
    const facts = { config: this.#config, sip: this.#sip.state, ports: this.#management?.ports, ownSims: this.#ownSims };
    return gatewayState({ ...facts, ...(balances && { balances }) });
  }

  get incoming(): AsyncIterable<Leg> {
    return this.#sip.incoming;
  }

  onChanged(listener: (state: LineState) => void): Disposable {
    return this.#states.onChanged(listener);
  }

  /** Tells those who listen how it stands, where that is new. */
  tell(): void {
    this.#seeSims();
    this.#states.become(this.state);
  }

  async dial(number: string, options: DialOptions): Promise<DialOutcome> {
    const { name, state, calls, maxCalls, fault, reason, ports } = this.state;
    // Nothing but a number: behind * and # its modules take orders, as a telephone does.
    if (!/^\+?\d{1,25}$/.test(number)) return { type: "unreachable", reason: "not a telephone number" };
    // Help is called whatever is thought of the line: it may still take it.
    if (!options.emergency && !options.signal.aborted && ports && state === "down")
      return { type: "unreachable", reason: `line ${name} is down: ${reason ?? fault ?? "no port is registered"}` };
    if (!options.emergency && !options.signal.aborted && calls >= maxCalls)
      return { type: "unreachable", reason: `all ${maxCalls} ports of line ${name} are in use` };
    return await this.#sip.dial(number, options);
  }

  /** Asks the operators from time to time. */
  keepBalances(): void {
    const { clock, log } = this.#deps;
    const { signal } = this.#closing;
    const everyMs = this.#config.balanceHours * 3_600_000;
    const { askBalance: ask } = this;
    if (!ask || everyMs === 0) return;
    const keep = () => keepBalance({ clock, log, everyMs, signal, ask });
    this.#keeping = supervise("balances", keep, { clock, log, signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#owned.disposeAsync();
    await this.#keeping;
    await Promise.all([...this.#ownSims.values()].map((sim) => sim[Symbol.asyncDispose]()));
  }

  #seeSims(): void {
    const ports = this.#management?.ports;
    if (ports?.type !== "known") return;
    for (const { port, iccid } of ports.ports) if (iccid !== undefined) this.#ownSims.get(port)?.see(iccid);
  }

  async #askBalance(balances: Balances, signal: AbortSignal): Promise<Balance> {
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    try {
      return await balances.ask(stop);
    } catch (cause) {
      if (this.#closing.signal.aborted) throw new LineError("the line is closed", { cause, code: "line-closed" });
      throw cause;
    }
  }

  /** Texts have nothing to do with SIP: they go where a socket is registered, whatever becomes of calls. Unknown sockets are tried with the line. */
  #textsGo({ ports }: Management): boolean {
    const { state, ports: registered = [] } = this.state;
    return ports.type === "known" ? registered.some((port) => port.state !== "down") : state === "up";
  }

  #choose(port: number | undefined) {
    const configured = this.#config.ports.map((own) => own.port);
    return choosePort(port, this.state.ports, configured);
  }

  async #ussd(
    management: Management,
    code: string,
    { signal, port }: { readonly signal: AbortSignal; readonly port?: number },
  ): Promise<string> {
    checkServiceCode(code, this.#deps.log);
    signal.throwIfAborted();
    const choice = this.#choose(port);
    if (choice.type === "none") throw new LineError(choice.reason);
    const asked = choice.port;
    if (this.#asking.has(asked))
      throw new LineError(`a service code is already running at port ${asked}`, { code: "service-code-under-way" });
    this.#asking.add(asked);
    try {
      return await management.ussd(asked, code, signal);
    } finally {
      this.#asking.delete(asked);
    }
  }
}

const makers = {
  dinstar: (deps: MakerDeps): Maker => new Dinstar(deps),
  yeastar: (deps: MakerDeps): Maker => new Yeastar(deps),
  goip: (deps: MakerDeps): Maker => new Goip(deps),
} as const;

/** Opens the maker's own interface; undefined where there is none to use. */
function managementOf(config: GatewayLine, deps: GatewayDeps, onChanged: () => void): Management | undefined {
  const { management, maker, host, ports, name } = config;
  if (!management || maker === "other") return undefined;
  const { clock, onTraffic, connect, newId = randomId, memory = forgetfulMemory(), textGapMs = TEXT_GAP_MS } = deps;
  const log = deps.log.child("gateway", { line: name, maker });
  const own: GatewayMemory = {
    read: (key) => memory.read(`${name}.${key}`),
    write: (key, value) => memory.write(`${name}.${key}`, value),
  };
  const all: ManagementDeps = {
    clock,
    log,
    host,
    config: management,
    registered: ports,
    memory: own,
    textGapMs,
    onChanged,
    onTraffic,
    connect,
    newId,
  };
  return openManagement(all, makers[maker]);
}

async function openOwnSims({ ports }: GatewayLine, deps: Omit<OwnSimDeps, "sim">): Promise<ReadonlyMap<number, OwnSim>> {
  const opening = ports.map(async ({ port, sim }) => {
    const own = new OwnSim({ ...deps, sim });
    await own.load();
    return [port, own] as const;
  });
  return new Map(await Promise.all(opening));
}

/**
 * Opens a gateway: a line of the SIP endpoint for its calls, and its maker's own interface for the rest. Both come up by themselves.
 * Rejects where another line has its name, and where it cannot be read which SIMs are its own.
 */
export async function openGatewayLine(config: GatewayLine, deps: GatewayDeps): Promise<Line> {
  await using building = new AsyncDisposableStack();
  const { name, host, sip, ports } = config;
  const trunk: SipTrunkInput = {
    name,
    host,
    port: sip.port,
    transport: sip.transport,
    // What its SIMs are registered with: no other number is ever shown.
    numbers: ports.map(({ sim }) => sim.number),
    maxCalls: ports.length,
    ...(sip.user !== undefined && { user: sip.user }),
    ...(sip.password !== undefined && { password: sip.password }),
  };
  const log = deps.log.child("gateway", { line: name });
  const ownSims = await openOwnSims(config, { log, memory: deps.sims });
  const calls = building.use(await deps.sip.addLine(trunk));
  let opened: Gateway | undefined;
  const management = managementOf(config, deps, () => opened?.tell());
  if (management) building.use(management);
  const { clock } = deps;
  opened = new Gateway(config, { sip: calls, management, ownSims }, { clock, log });
  opened.keepBalances();
  building.move();
  return opened;
}
