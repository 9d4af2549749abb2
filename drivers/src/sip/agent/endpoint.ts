import { readFile } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { SipConfig, type SipConfigInput, SipTrunk, type SipTrunkInput } from "@sitebox/core/contract";
import type {
  DialOptions,
  DialOutcome,
  DriverDeps,
  Leg,
  Line,
  LineDeps,
  LineState,
  RtpPorts,
  Trunk,
  WireMessage,
} from "../../line/index.ts";
import { dialogKeyOf } from "../dialogs/index.ts";
import { type Ban, Guard } from "../guard/index.ts";
import type { IncomingMessage, Messages } from "../messages/index.ts";
import { headerOf, parseUri, type SipMessage, type SipRequest, tagOf, userOf } from "../parser/index.ts";
import { Authenticator, Registrar, type Registration } from "../registrar/index.ts";
import type { Presence, Subscriptions } from "../subscriptions/index.ts";
import { newTag, type ServerTransaction, Transactions } from "../transactions/index.ts";
import { type Names, type OpenDatagrams, openNames, type Peer, Transports, type TransportsConfig } from "../transports/index.ts";
import { addressList, type LineCall, Lines } from "../trunks/index.ts";
import { admit, isForStrangers } from "./admission.ts";
import { openBesideCalls } from "./beside-calls.ts";
import { Calls } from "./calls.ts";
import { Core } from "./core.ts";
import type { Place } from "./place.ts";
import { CAPABILITIES, screen } from "./screening.ts";

export interface SipDeps extends DriverDeps {
  readonly rtp: RtpPorts;
  /** Told every message that went over the wire. It holds numbers: not for ordinary logs. */
  readonly onWire?: (message: WireMessage) => void;
  /** What telephones with lamps may watch; absent: nothing. */
  readonly presence?: Presence;
  /** Takes texts that are for no extension or come by a line, e.g. for an SMS gateway; false where nobody wants them. */
  readonly onMessage?: (message: IncomingMessage) => Promise<boolean>;
  /** Name servers ("address" or "address:port") instead of the system's. */
  readonly nameServers?: readonly string[];
  /** Instead of a UDP socket of the machine. */
  readonly datagrams?: OpenDatagrams;
}

/** The box's SIP side: registrar of its extensions, and trunk for every call from and to them. */
export interface SipEndpoint extends Trunk {
  /** Every phone that can be rung now. */
  registrations(): readonly Registration[];
  /** What it holds at the moment; everything is zero when nothing goes on. */
  readonly load: { readonly calls: number; readonly dialogs: number; readonly transactions: number };
  /** Where we listen. */
  readonly address: {
    readonly host: string;
    readonly udpPort: number;
    readonly tcpPort: number;
    /** Undefined where nobody can connect over TLS. */
    readonly tlsPort: number | undefined;
  };
  /**
   * Opens one more line to the outside, which logs in and out by itself; calls by it come as those of the configured ones. Disposing it ends
   * its calls and its login and frees its name; closing the endpoint does so too. It is opened whether or not its far end is there.
   * Rejects with RangeError where another line has its name, and with ZodError where the trunk is wrong. `onTraffic` is told its messages,
   * without secrets.
   */
  addLine(trunk: SipTrunkInput, options?: Pick<LineDeps, "onTraffic">): Promise<Line>;
  /**
   * A line to the outside, for dialling; the endpoint owns it. Its own `incoming` ends at once: calls by it come in {@link Trunk.incoming}
   * of the endpoint, with its name as {@link Leg.line}.
   * @throws RangeError for a name that no line has.
   */
  line(name: string): Trunk;
  lines(): readonly LineState[];
  /** Hears of every change of a line's state or number of calls until the result is disposed. */
  onLineChanged(listener: (state: LineState) => void): Disposable;
  /** The addresses that are kept off now, the oldest ban first. */
  bans(): readonly Ban[];
  /** Lifts a ban; false where there is none. */
  unban(address: string): boolean;
  /** Hears of every ban until the result is disposed. */
  onBan(listener: (ban: Ban) => void): Disposable;
  /** Reads the certificate's files again, e.g. when they were renewed. @throws when they are of no use; then the old one stays. */
  renewCertificate(): Promise<void>;
}

/** What a call from the box shows where no number is given. */
const OWN_NUMBER = "sitebox";
/** BYEs and their answers have this long at the end. */
const LEAVE_MS = 1_000;

class Endpoint implements SipEndpoint {
  readonly #config: SipConfig;
  readonly #deps: SipDeps;
  readonly #transports: Transports;
  readonly #transactions: Transactions;
  readonly #core: Core;
  readonly #calls: Calls;
  readonly #registrar: Registrar;
  readonly #authenticator: Authenticator;
  readonly #names: Names;
  readonly #lines: Lines;
  readonly #guard: Guard;
  readonly #subscriptions: Subscriptions;
  readonly #messages: Messages;
  /** Who takes requests that belong to no dialog, by method. */
  readonly #handlers: Readonly<Record<string, (transaction: ServerTransaction) => void>> = {
    INVITE: (transaction) => this.#onInvite(transaction),
    REGISTER: (transaction) => this.#onRegister(transaction),
    OPTIONS: (transaction) => this.#respond(transaction, 200, [...CAPABILITIES, ...this.#subscriptions.allowed]),
    SUBSCRIBE: (transaction) => void this.#subscriptions.take(transaction),
    MESSAGE: (transaction) => void this.#messages.take(transaction),
    // Nobody outside a call makes us call.
    REFER: (transaction) => this.#respond(transaction, 403),
  };
  #closing: Promise<void> | undefined;

  constructor(config: SipConfig, deps: SipDeps, identity: TlsFiles) {
    const { clock, log } = deps;
    this.#config = config;
    this.#deps = deps;
    const trusted = addressList(config.guard.trusted);
    this.#guard = new Guard({
      clock,
      log,
      config: config.guard,
      isTrusted: (peer) => trusted.check(peer.host, isIPv6(peer.host) ? "ipv6" : "ipv4") || this.#lines.isFrom(peer),
      isRegistered: (peer) => this.#registrar.isRegistered(peer),
    });
    this.#guard.onBan(() => this.#transports.expel());
    const onMessage = (message: SipMessage, peer: Peer) => {
      if (message.type === "response" || !this.#guard.recognises(message, peer)) this.#transactions.receive(message, peer);
    };
    const onWire = (message: WireMessage, peer: Peer) => {
      deps.onWire?.(message);
      this.#lines.overhear(message, peer);
    };
    const { host, port } = config.listen;
    const { externalAddress } = config;
    this.#names = openNames(deps.nameServers);
    this.#transports = new Transports(
      { host, port, externalAddress, ...identity },
      { clock, log, onMessage, gate: this.#guard, onWire, names: this.#names, datagrams: deps.datagrams },
    );
    this.#transactions = new Transactions({
      clock,
      log,
      send: (message, peer) => this.#transports.send(message, peer),
      user: {
        onRequest: (transaction) => this.#onRequest(transaction),
        onAck: (ack) => this.#onAck(ack),
        onUnanswered: (transaction) => void this.#calls.expire(transaction),
      },
    });
    this.#core = new Core({ clock, log, transports: this.#transports, transactions: this.#transactions });
    const { maxCalls, srtp, sessionSeconds } = config;
    this.#calls = new Calls({ core: this.#core, rtp: deps.rtp, host, maxCalls, srtp, sessionSeconds });
    this.#registrar = new Registrar({ clock, log });
    const { realm, digestAlgorithms: algorithms, extensions: accounts } = config;
    this.#authenticator = new Authenticator({ clock, log, realm, algorithms, accounts, guard: this.#guard });
    const isExtension = (number: string) => this.#authenticator.isAccount(number);
    this.#lines = new Lines({
      trunks: config.trunks,
      signalling: this.#core,
      ring: (places, { onFailed, ...request }) =>
        this.#calls.dial(places, {
          callerNumber: OWN_NUMBER,
          ...request,
          inTurn: (place, reason) => onFailed(place.peer, reason),
        }),
      isExtension,
      isOwn: (number) => isExtension(number) || config.serviceNumbers?.includes(number) === true,
    });
    const { subscriptions, messages } = openBesideCalls({
      core: this.#core,
      authenticator: this.#authenticator,
      guard: this.#guard,
      lines: this.#lines,
      presence: deps.presence,
      onMessage: deps.onMessage,
      placesOf: (number) => this.#placesOf(number),
      respond: (transaction, status, headers) => this.#respond(transaction, status, headers),
    });
    this.#subscriptions = subscriptions;
    this.#messages = messages;
  }

  get incoming(): AsyncIterable<Leg> {
    return this.#calls.incoming;
  }

  get address() {
    return {
      host: this.#config.listen.host,
      udpPort: this.#transports.udpPort,
      tcpPort: this.#transports.tcpPort,
      tlsPort: this.#transports.tlsPort,
    };
  }

  get load() {
    return { calls: this.#calls.size, dialogs: this.#core.dialogs, transactions: this.#transactions.size };
  }

  registrations(): readonly Registration[] {
    return this.#registrar.registrations();
  }

  async addLine(trunk: SipTrunkInput, { onTraffic }: Pick<LineDeps, "onTraffic"> = {}): Promise<Line> {
    return await this.#lines.add(SipTrunk.parse(trunk), onTraffic);
  }

  line(name: string): Trunk {
    return this.#lines.line(name);
  }

  lines(): readonly LineState[] {
    return this.#lines.states();
  }

  onLineChanged(listener: (state: LineState) => void): Disposable {
    return this.#lines.onChanged(listener);
  }

  bans(): readonly Ban[] {
    return this.#guard.bans();
  }

  unban(address: string): boolean {
    return this.#guard.unban(address);
  }

  onBan(listener: (ban: Ban) => void): Disposable {
    return this.#guard.onBan(listener);
  }

  async renewCertificate(): Promise<void> {
    const { tls } = await readTlsFiles(this.#config);
    if (tls) this.#transports.renew(tls);
  }

  async listen(): Promise<void> {
    await this.#transports.listen();
    this.#lines.start();
  }

  /** Rings every phone of an extension, or the one place that a "sip:" URI names. */
  async dial(number: string, options: DialOptions): Promise<DialOutcome> {
    const places = await this.#placesOf(number);
    if (places.length === 0) return { type: "unreachable", reason: "nothing to ring is known by this number" };
    return this.#calls.dial(places, { callerNumber: OWN_NUMBER, ...options, number });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#subscriptions[Symbol.dispose]();
    await this.#calls[Symbol.asyncDispose]();
    await this.#lines[Symbol.asyncDispose]();
    await this.#settled();
    this.#transactions[Symbol.dispose]();
    await this.#transports[Symbol.asyncDispose]();
    this.#names[Symbol.dispose]();
  }

  /** Waits until the last BYEs are answered, but not for peers that are gone. */
  async #settled(): Promise<void> {
    const deadline = this.#deps.clock.monotonic() + LEAVE_MS;
    while (this.#transactions.waiting > 0 && this.#deps.clock.monotonic() < deadline) await this.#deps.clock.sleep(20);
  }

  async #placesOf(number: string): Promise<readonly Place[]> {
    const uri = parseUri(number);
    const places: readonly (Place | Promise<Place>)[] =
      uri?.scheme === "sip" || uri?.scheme === "sips"
        ? [this.#core.resolve(uri).then((peer) => ({ target: uri, peer, behindNat: false }))]
        : this.#registrar.registrations(number).map((registration) => this.#placeOf(registration));
    const found = await Promise.allSettled(places);
    return found.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  }

  async #placeOf({ contact, source, behindNat }: Registration): Promise<Place> {
    const overFlow = behindNat || (source.transport !== "udp" && this.#transports.connected(source));
    return { target: contact, peer: overFlow ? source : await this.#core.resolve(contact), behindNat: overFlow };
  }

  #onRequest(transaction: ServerTransaction) {
    const { request } = transaction;
    const refusal = screen(request, transaction.peer.transport);
    if (refusal) return this.#respond(transaction, refusal.status, refusal.headers);
    if (request.method === "CANCEL") return this.#onCancel(transaction);
    const key = dialogKeyOf(request);
    if (key !== undefined && request.method !== "REGISTER") {
      const dialog = this.#core.dialog(key);
      return dialog ? dialog.onRequest(transaction) : this.#respond(transaction, 481);
    }
    const handle = this.#handlers[request.method];
    if (handle) handle(transaction);
    else this.#respond(transaction, 481);
  }

  #onInvite(transaction: ServerTransaction) {
    const { request, peer } = transaction;
    this.#core.respond(transaction, 100);
    const call = this.#lines.take(request, peer);
    if (call?.type === "refused") return this.#respond(transaction, call.status);
    if (call) return void this.#takeFromLine(transaction, call);
    const rules = { config: this.#config, authenticator: this.#authenticator, guard: this.#guard };
    const admission = admit(request, peer, rules);
    if (admission.type === "admitted" && !this.#guard.mayRing(peer, this.#calls.ringingFrom(peer.host)))
      return this.#respond(transaction, 503);
    const bounds = { mayTransferTo: (number: string) => isForStrangers(number, rules) };
    if (admission.type === "admitted")
      void this.#calls.take(transaction, { remote: admission.caller, ...(!admission.proven && bounds) });
    else if (admission.type === "refused") this.#respond(transaction, admission.status, admission.headers);
  }

  /** Takes a call that came by a line; it has one of the line's channels until it ends. */
  async #takeFromLine(
    transaction: ServerTransaction,
    { arrival, channel }: Extract<LineCall, { type: "admitted" }>,
  ): Promise<void> {
    using held = channel;
    const leg = await this.#calls.take(transaction, arrival);
    if (leg) held.carry(leg);
    await leg?.ended;
  }

  #onRegister(transaction: ServerTransaction) {
    const { request, peer } = transaction;
    if (headerOf(request, "authorization") === undefined && !this.#authenticator.isAccount(userOf(request.to.uri)))
      this.#guard.strange(peer);
    const verdict = this.#authenticator.check(request, peer);
    if (verdict.type === "ignored") return;
    if (verdict.type === "refused") return this.#respond(transaction, verdict.status, verdict.headers);
    const { status, headers } = this.#registrar.register(request, verdict.number, peer);
    this.#respond(transaction, status, headers);
  }

  /** RFC 3261 §9.2: the CANCEL itself is answered with 200 when there is an INVITE, whether or not it comes too late. */
  #onCancel(transaction: ServerTransaction) {
    const invite = this.#transactions.inviteOf(transaction.request);
    this.#respond(transaction, invite ? 200 : 481);
    if (invite) this.#calls.cancel(invite);
  }

  #onAck(ack: SipRequest) {
    const key = dialogKeyOf(ack);
    if (key !== undefined) this.#core.dialog(key)?.onAck(ack);
  }

  #respond(transaction: ServerTransaction, status: number, headers: readonly (readonly [string, string])[] = []) {
    const tagged = tagOf(transaction.request.to) === undefined && status > 100;
    this.#core.respond(transaction, status, { headers, ...(tagged && { toTag: newTag() }) });
  }
}

/** What TLS needs of the configured files. */
type TlsFiles = Pick<TransportsConfig, "tls" | "authorities">;

/** Without files of a certificate nobody can connect to us over TLS, but we can. @throws when a file cannot be read. */
async function readTlsFiles({ tls }: SipConfig): Promise<TlsFiles> {
  if (!tls) return {};
  const read = async (file: string | undefined) => (file === undefined ? undefined : await readFile(file, "utf8"));
  const [certificate, key, authorities] = await Promise.all([read(tls.certificateFile), read(tls.keyFile), read(tls.caFile)]);
  const { port, requireClientCertificate } = tls;
  return {
    authorities,
    ...(certificate !== undefined && key !== undefined && { tls: { port, certificate, key, requireClientCertificate } }),
  };
}

/**
 * Starts the SIP side: binds UDP, TCP and, with a certificate, TLS, and answers from then on. Its lines log in by themselves.
 * @throws when a port is taken, or the configuration or a certificate is wrong.
 */
export async function openSipEndpoint(config: SipConfigInput, deps: SipDeps): Promise<SipEndpoint> {
  const parsed = SipConfig.parse(config);
  const endpoint = new Endpoint(parsed, { ...deps, log: deps.log.child("sip") }, await readTlsFiles(parsed));
  await endpoint.listen();
  return endpoint;
}
