import { SipConfig, type SipConfigInput } from "@sitebox/core/contract";
import type { DialOptions, DialOutcome, DriverDeps, DriverModule, Leg, RtpPorts, Trunk, WireMessage } from "../../line/index.ts";
import { dialogKeyOf } from "../dialogs/index.ts";
import { parseUri, type SipMessage, type SipRequest, tagOf } from "../parser/index.ts";
import { Authenticator, Registrar, type Registration } from "../registrar/index.ts";
import { newTag, type ServerTransaction, Transactions } from "../transactions/index.ts";
import { type Peer, Transports } from "../transports/index.ts";
import { admit } from "./admission.ts";
import { Calls } from "./calls.ts";
import { Core } from "./core.ts";
import type { Place } from "./place.ts";
import { CAPABILITIES, screen } from "./screening.ts";

export interface SipDeps extends DriverDeps {
  readonly rtp: RtpPorts;
  /** Told every message that went over the wire. It holds numbers: not for ordinary logs. */
  readonly onWire?: (message: WireMessage) => void;
}

/** The box's SIP side: registrar of its extensions, and trunk for every call from and to them. */
export interface SipEndpoint extends Trunk {
  /** Every phone that can be rung now. */
  registrations(): readonly Registration[];
  /** Where we listen. */
  readonly address: { readonly host: string; readonly udpPort: number; readonly tcpPort: number };
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
  /** Who takes requests that belong to no dialog, by method. */
  readonly #handlers: Readonly<Record<string, (transaction: ServerTransaction) => void>> = {
    INVITE: (transaction) => this.#onInvite(transaction),
    REGISTER: (transaction) => this.#onRegister(transaction),
    OPTIONS: (transaction) => this.#respond(transaction, 200, CAPABILITIES),
  };
  #closing: Promise<void> | undefined;

  constructor(config: SipConfig, deps: SipDeps) {
    const { clock, log } = deps;
    this.#config = config;
    this.#deps = deps;
    const onMessage = (message: SipMessage, peer: Peer) => this.#transactions.receive(message, peer);
    const { host, port } = config.listen;
    const { externalAddress } = config;
    this.#transports = new Transports({ host, port, externalAddress }, { clock, log, onMessage, onWire: deps.onWire });
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
    this.#calls = new Calls({ core: this.#core, rtp: deps.rtp, host, maxCalls: config.maxCalls, srtp: config.srtp });
    this.#registrar = new Registrar({ clock, log });
    const { realm, digestAlgorithms: algorithms, extensions: accounts } = config;
    this.#authenticator = new Authenticator({ clock, log, realm, algorithms, accounts });
  }

  get incoming(): AsyncIterable<Leg> {
    return this.#calls.incoming;
  }

  get address() {
    return { host: this.#config.listen.host, udpPort: this.#transports.udpPort, tcpPort: this.#transports.tcpPort };
  }

  registrations(): readonly Registration[] {
    return this.#registrar.registrations();
  }

  listen(): Promise<void> {
    return this.#transports.listen();
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
    await this.#calls[Symbol.asyncDispose]();
    await this.#settled();
    this.#transactions[Symbol.dispose]();
    await this.#transports[Symbol.asyncDispose]();
  }

  /** Waits until the last BYEs are answered, but not for peers that are gone. */
  async #settled(): Promise<void> {
    const deadline = this.#deps.clock.monotonic() + LEAVE_MS;
    while (this.#transactions.waiting > 0 && this.#deps.clock.monotonic() < deadline) await this.#deps.clock.sleep(20);
  }

  async #placesOf(number: string): Promise<readonly Place[]> {
    const uri = parseUri(number);
    const places: readonly (Place | Promise<Place>)[] =
      uri?.scheme === "sip"
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
    const refusal = screen(request);
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
    const admission = admit(request, peer, { config: this.#config, authenticator: this.#authenticator });
    if (admission.type === "admitted") void this.#calls.take(transaction, { remote: admission.caller });
    else if (admission.type === "refused") this.#respond(transaction, admission.status, admission.headers);
  }

  #onRegister(transaction: ServerTransaction) {
    const { request, peer } = transaction;
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

/**
 * Starts the SIP side: binds UDP and TCP and answers from then on.
 * @throws when a port is taken, or the configuration is wrong.
 */
export async function openSipEndpoint(config: SipConfigInput, deps: SipDeps): Promise<SipEndpoint> {
  const endpoint = new Endpoint(SipConfig.parse(config), { ...deps, log: deps.log.child("sip") });
  await endpoint.listen();
  return endpoint;
}

/** The driver as the registry lists it. */
export const sip: DriverModule<SipConfig, SipDeps> = { kind: "sip", config: SipConfig, open: openSipEndpoint };
