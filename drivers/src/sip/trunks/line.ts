import type { BlockList } from "node:net";
import type { SipTrunk } from "@sitebox/core/contract";
import { Channel } from "@sitebox/core/kernel";
import type { DialOptions, DialOutcome, LineDeps as DriverDeps, Line as DriverLine, Leg, LineState } from "../../line/index.ts";
import { type NameAddr, type SipUri, sipUri } from "../parser/index.ts";
import type { Peer } from "../transports/index.ts";
import { Credentials } from "./credentials.ts";
import { type Identity, identityOf } from "./identity.ts";
import { KeepAlive } from "./keep-alive.ts";
import { isDiallable, rewritten } from "./numbers.ts";
import { LineRegistration } from "./registration.ts";
import type { Signalling, Trouble } from "./signalling.ts";
import { addressList, originOf } from "./sources.ts";

/** What a line adds to a call that goes over it. */
export interface LinePlace {
  readonly line: string;
  readonly target: SipUri;
  readonly peer: Peer;
  readonly behindNat: boolean;
  readonly identity: Identity;
  readonly routes: readonly NameAddr[];
  readonly srtp: SipTrunk["srtp"];
  /** Its far end hands calls only to numbers of the box: anything else would be dialling at our cost. */
  readonly mayTransferTo: (number: string) => boolean;
  readonly credentials?: Credentials["answer"];
}

/** Rings one place after the other until one says more than that it is not there (RFC 3263 §4.3). */
export type RingInTurn = (
  places: readonly LinePlace[],
  options: DialOptions & { readonly number: string; readonly onFailed: (peer: Peer, reason: string) => void },
) => Promise<DialOutcome>;

export interface LineDeps {
  readonly signalling: Signalling;
  readonly ring: RingInTurn;
  /** Numbers of the box itself: its services and extensions. */
  readonly isOwn: (number: string) => boolean;
  readonly onChanged: (state: LineState) => void;
  /** Told when the line has ended its calls and logged out. */
  readonly onClosed: () => void;
  readonly onTraffic: DriverDeps["onTraffic"];
}

/** One of a line's channels: whoever takes it gives it back. */
export interface LineChannel extends Disposable {
  /** The call that it is taken for: it ends with the line. */
  carry(leg: Leg): void;
}

type Health = { readonly state: "starting" } | { readonly state: "up" } | ({ readonly state: "down" } & Trouble);

/** One line to a carrier, an IP-PBX or a gateway. Its incoming calls come by the endpoint, with its name on them. */
export class Line implements DriverLine {
  readonly trunk: SipTrunk;
  /** Ended from the start: see the endpoint's. */
  readonly incoming = new Channel<Leg>();
  readonly #deps: LineDeps;
  readonly #credentials: Credentials | undefined;
  readonly #keepAlive: KeepAlive;
  readonly #registration: LineRegistration | undefined;
  readonly #allowed: BlockList;
  readonly #stopping = new AbortController();
  /** The hosts that were found last; calls of theirs are the line's. */
  #hosts: readonly Peer[] = [];
  #health: Health = { state: "starting" };
  #calls = 0;
  readonly #legs = new Set<Leg>();
  readonly #listeners = new Set<(state: LineState) => void>();
  #running: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(trunk: SipTrunk, deps: LineDeps) {
    this.trunk = trunk;
    this.#deps = deps;
    this.incoming.close();
    const { user, password } = trunk;
    this.#credentials = user !== undefined && password !== undefined ? new Credentials(user, password) : undefined;
    this.#allowed = addressList(trunk.allowFrom);
    const { signalling } = deps;
    const common = { trunk, signalling, credentials: this.#credentials };
    this.#keepAlive = new KeepAlive({
      ...common,
      hosts: async () => (this.#registration ? [this.#registration.peer ?? []].flat() : this.#locate()),
      onRound: (trouble) => this.#onRound(trouble),
    });
    if (trunk.kind === "register")
      this.#registration = new LineRegistration({
        ...common,
        hosts: async () => this.#keepAlive.inOrder(await this.#locate()),
        onRegistered: () => this.#become({ state: "up" }),
        onFailed: (trouble) => this.#become({ state: "down", ...trouble }),
      });
  }

  get state(): LineState {
    const { name, maxCalls } = this.trunk;
    return { name, maxCalls, calls: this.#calls, ...this.#health };
  }

  onChanged(listener: (state: LineState) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** The user part of our Contact at the carrier, for a line that logs in. */
  get token(): string | undefined {
    return this.#registration?.token;
  }

  get onTraffic(): DriverDeps["onTraffic"] {
    return this.#deps.onTraffic;
  }

  /** Whether an address in a message has one of the line's users. */
  isNamedIn(message: Uint8Array): boolean {
    const { user, numbers } = this.trunk;
    const text = Buffer.from(message).toString("latin1");
    return [this.token, user, ...numbers].some((own) => own !== undefined && text.includes(`:${own}@`));
  }

  get credentials(): Credentials["answer"] | undefined {
    const credentials = this.#credentials;
    return credentials && ((request, challenge) => credentials.answer(request, challenge));
  }

  /** Begins to log in and to look whether the far end is there; both go on by themselves. */
  start(): void {
    const { signal } = this.#stopping;
    this.#running = Promise.all([this.#registration?.run(signal), this.#keepAlive.run(signal)]);
  }

  /** Resolves when it is known where the line's calls come from, or that nobody can tell now. */
  async located(): Promise<void> {
    await this.#locate().catch(() => this.#hosts);
  }

  /** Whether a request from there comes from the line's far end. */
  originOf(peer: Peer): "exact" | "address" | undefined {
    return originOf(peer, { hosts: this.#hosts, allowed: this.#allowed });
  }

  /**
   * Takes one of the line's channels; undefined when all are in use or the line closes. A call for help goes beyond them: the carrier may
   * still take it.
   */
  occupy(emergency = false): LineChannel | undefined {
    if (this.#stopping.signal.aborted || (!emergency && this.#calls >= this.trunk.maxCalls)) return undefined;
    this.#count(1);
    const once = new DisposableStack();
    once.defer(() => this.#count(-1));
    return { carry: (leg) => this.#carry(leg), [Symbol.dispose]: () => once[Symbol.dispose]() };
  }

  async dial(dialled: string, options: DialOptions): Promise<DialOutcome> {
    const { name, maxCalls, outgoingRules } = this.trunk;
    const number = options.emergency === true ? dialled : rewritten(dialled, outgoingRules);
    if (!isDiallable(number)) return { type: "unreachable", reason: "this is no number that a line can dial" };
    const channel = this.occupy(options.emergency);
    const { signal: stopping } = this.#stopping;
    const removed: DialOutcome = { type: "unreachable", reason: `line ${name} was removed` };
    if (stopping.aborted) return removed;
    if (!channel) return { type: "unreachable", reason: `all ${maxCalls} channels of line ${name} are in use` };
    await using held = new AsyncDisposableStack();
    held.use(channel);
    const identity = identityOf(this.trunk, { number: options.callerNumber, name: options.callerName });
    const places = (await this.#hostsForCall()).map((peer) => this.#placeAt(peer, number, identity));
    if (places.length === 0) return { type: "unreachable", reason: `line ${name}: its name has no address` };
    const onFailed = (peer: Peer, reason: string) => this.#keepAlive.failed(peer, reason);
    const signal = AbortSignal.any([options.signal, stopping]);
    const outcome = await this.#deps.ring(places, { ...options, signal, number: dialled, onFailed });
    if (outcome.type === "no-answer" && stopping.aborted && !options.signal.aborted) return removed;
    if (outcome.type === "answered") {
      held.move();
      channel.carry(outcome.leg);
      void outcome.leg.ended.then(() => channel[Symbol.dispose]());
    }
    return outcome;
  }

  /** Ends its calls, logs out and asks no more. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#legs].map((leg) => leg.hangup("normal")));
    await this.#running;
    this.#deps.onClosed();
  }

  #carry(leg: Leg): void {
    this.#legs.add(leg);
    void leg.ended.then(() => this.#legs.delete(leg));
    if (this.#stopping.signal.aborted) void leg.hangup("normal");
  }

  async #locate(): Promise<readonly Peer[]> {
    const { host, port, transport } = this.trunk;
    this.#hosts = await this.#deps.signalling.transports.locate(sipUri(host, { transport, ...(port !== undefined && { port }) }));
    return this.#hosts;
  }

  /** Where we are logged in first, then those that answered last time. */
  async #hostsForCall(): Promise<readonly Peer[]> {
    const found = this.#keepAlive.inOrder(await this.#locate().catch(() => this.#hosts));
    const home = this.#registration?.peer;
    return home ? [home, ...found.filter(({ host, port }) => host !== home.host || port !== home.port)] : found;
  }

  #placeAt(peer: Peer, number: string, identity: Identity): LinePlace {
    const { name, host, port, transport, srtp } = this.trunk;
    const { credentials } = this;
    return {
      line: name,
      target: sipUri(host, { user: number, transport, ...(port !== undefined && { port }) }),
      peer,
      behindNat: false,
      identity,
      routes: this.#registration?.routes ?? [],
      srtp,
      mayTransferTo: this.#deps.isOwn,
      ...(credentials && { credentials }),
    };
  }

  #onRound(trouble: Trouble | undefined): void {
    const home = this.#registration?.peer;
    // Without a login there is nothing to keep alive: the login tells why.
    if (this.#registration && (!trouble || !home)) return void this.#registration.check();
    this.#become(trouble ? { state: "down", ...trouble } : { state: "up" });
    if (home && trouble) this.#keepAlive.failed(home, trouble.reason);
    this.#registration?.again();
  }

  #become(health: Health): void {
    const before = JSON.stringify(this.#health);
    this.#health = health;
    if (JSON.stringify(health) === before) return;
    const { log } = this.#deps.signalling;
    const fields = { line: this.trunk.name, ...(health.state === "down" && { reason: health.reason }) };
    if (health.state === "down") log.warn("a line is down", fields);
    else log.info("a line is up", fields);
    this.#tell();
  }

  #count(change: 1 | -1): void {
    this.#calls += change;
    this.#tell();
  }

  #tell(): void {
    const { state } = this;
    this.#deps.onChanged(state);
    for (const listener of this.#listeners) listener(state);
  }
}
