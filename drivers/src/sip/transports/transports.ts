import { randomBytes } from "node:crypto";
import { connect, isIPv6 } from "node:net";
import { connect as connectTls, type Server as TlsServer } from "node:tls";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { WireMessage } from "../../line/index.ts";
import {
  formatHostPort,
  type Malformed,
  parseMessage,
  refusalOf,
  type SipMessage,
  type SipRequest,
  type SipUri,
  serialize,
  type Via,
  withParam,
} from "../parser/index.ts";
import { Failures } from "./failures.ts";
import { LargeRequests } from "./large-requests.ts";
import { Locator } from "./locate.ts";
import { type Names, openNames } from "./names.ts";
import { type Gate, isAddress, isPrivate, isReliable, type Peer } from "./peer.ts";
import { openStreams, type StreamDeps, StreamTransport } from "./streams.ts";
import { authoritiesWith, identityFault, secureContext, type TlsConfig } from "./tls.ts";
import { type Datagrams, type OpenDatagrams, openUdp, sourceAddress } from "./udp.ts";

export interface TransportsConfig {
  readonly host: string;
  /** For UDP and TCP alike; 0 takes free ones. */
  readonly port: number;
  /** Absent: nobody can connect over TLS, but we can. */
  readonly tls?: TlsConfig | undefined;
  /** Certificates (PEM) of authorities beside the system's. */
  readonly authorities?: string | undefined;
  /** How peers outside the site reach us, where a router stands between. */
  readonly externalAddress?: string | undefined;
}

export interface TransportsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly onMessage: (message: SipMessage, peer: Peer) => void;
  /** Whoever it does not let in gets no answer. Absent lets everybody in. */
  readonly gate?: Gate | undefined;
  /** Every message that went out or came in, malformed ones too; neither the empty lines that keep ways open nor what the gate keeps off. */
  readonly onWire?: ((message: WireMessage, peer: Peer) => void) | undefined;
  /** Instead of the system's. The owner closes it. */
  readonly names?: Names | undefined;
  /** Instead of a UDP socket of the machine. */
  readonly datagrams?: OpenDatagrams | undefined;
}

/** Malformed packets are logged once in this time for each source: a scanner must not fill the disk. */
const COMPLAIN_EVERY_MS = 60_000;
const MAX_COMPLAINTS = 1_000;
const TLS_PORT = 5_061;

/** Every way in and out of the box for SIP messages behind one `send`. */
export class Transports implements AsyncDisposable {
  readonly #config: TransportsConfig;
  readonly #deps: TransportsDeps;
  readonly #owned = new AsyncDisposableStack();
  readonly #routes = new Map<string, Promise<string>>();
  readonly #complainedAt = new Map<string, number>();
  readonly #failures = new Failures();
  readonly #locator: Locator;
  readonly #large: LargeRequests;
  readonly #ports = { udp: 0, tcp: 0, tls: TLS_PORT };
  #udp: Datagrams | undefined;
  #tcp: StreamTransport | undefined;
  #tls: StreamTransport | undefined;
  #tlsServer: TlsServer | undefined;
  #authorities: readonly string[] | undefined;
  #identity: Pick<TlsConfig, "certificate" | "key"> | undefined;

  constructor(config: TransportsConfig, deps: TransportsDeps) {
    const { clock, log, names = openNames() } = deps;
    this.#config = config;
    this.#deps = deps;
    this.#identity = config.tls;
    if (!deps.names) this.#owned.use(names);
    this.#locator = new Locator({ clock, log, names, families: familiesOf(config.host) });
    this.#large = new LargeRequests({
      clock,
      tcpPort: () => this.#ports.tcp,
      send: (bytes, peer) => this.#sendBytes(bytes, peer),
    });
  }

  get udpPort(): number {
    return this.#ports.udp;
  }

  get tcpPort(): number {
    return this.#ports.tcp;
  }

  /** Undefined where nobody can connect to us over TLS. */
  get tlsPort(): number | undefined {
    return this.#tlsServer && this.#ports.tls;
  }

  /** Binds every socket. Rejects when a port is taken or a certificate is of no use; then nothing stays open. */
  async listen(): Promise<void> {
    await using opening = new AsyncDisposableStack();
    const { host, port, tls } = this.#config;
    const { datagrams = openUdp } = this.#deps;
    const udp = await datagrams({ host, port }, (bytes, peer) => this.#receive(bytes, peer));
    opening.use(udp.transport);
    const tcp = await openStreams({ host, port }, this.#streamDeps("tcp"));
    opening.use(tcp.transport);
    const secure = tls && (await openStreams({ host, port: tls.port }, this.#streamDeps("tls"), this.#serverContext(tls)));
    this.#tls = secure?.transport ?? new StreamTransport(this.#streamDeps("tls"));
    opening.use(this.#tls);
    this.#udp = udp.transport;
    this.#tcp = tcp.transport;
    this.#tlsServer = secure?.server as TlsServer | undefined;
    Object.assign(this.#ports, { udp: udp.port, tcp: tcp.port, ...(secure && { tls: secure.port }) });
    this.#owned.use(opening.move());
  }

  /** Shows this certificate from now on; connections that are open stay. @throws where the two are no pair. */
  renew(identity: Pick<TlsConfig, "certificate" | "key">): void {
    const { tls } = this.#config;
    if (tls) this.#tlsServer?.setSecureContext(this.#serverContext({ ...tls, ...identity }));
    this.#identity = identity;
  }

  /**
   * Hands a message to the network. Requests too long for a datagram go over TCP where the peer can (RFC 3261 §18.1.1), and responses
   * whose connection is gone to where the Via says (§18.2.2). Rejects when it cannot leave: no route, no connection.
   */
  async send(message: SipMessage, peer: Peer): Promise<void> {
    const bytes = serialize(message);
    if (await this.#large.send(message, bytes, peer)) return;
    if (message.type === "request" || !isReliable(peer)) return this.#sendBytes(bytes, peer);
    const [via] = message.vias;
    const again = via && statedPeer(via, peer);
    if (!again) return this.#sendBytes(bytes, peer);
    if (this.connected(peer)) {
      const sent = await this.#sendBytes(bytes, peer).then(
        () => true,
        () => false,
      );
      if (sent) return;
    }
    await this.#sendBytes(bytes, again);
  }

  /** Whether the very connection is open that a TCP or TLS peer came over; for UDP there is always a way back. */
  connected(peer: Peer): boolean {
    return !isReliable(peer) || this.#streamOf(peer)?.connected(peer) === true;
  }

  /** Closes the connections of everybody whom the gate lets in no more. */
  expel(): void {
    for (const transport of [this.#tcp, this.#tls]) transport?.expel();
  }

  /** Why nothing could be sent to this peer the last time; undefined when it could. */
  failureOf(peer: Peer): string | undefined {
    return this.#failures.of(peer);
  }

  /** The host and port of ours that this peer is to answer to: goes into Via, Contact and SDP. */
  async localAddress(peer: Peer): Promise<{ host: string; port: number }> {
    const port = await this.#portFor(peer);
    const { externalAddress, host } = this.#config;
    if (externalAddress !== undefined && !isPrivate(peer.host)) return { host: externalAddress, port };
    if (host !== "0.0.0.0" && host !== "::") return { host, port };
    const route = this.#routes.get(peer.host) ?? sourceAddress(peer.host);
    // Routes change, e.g. with DHCP, so an answer is kept only while it is being asked for.
    this.#routes.set(peer.host, route);
    try {
      return { host: await route, port };
    } finally {
      this.#routes.delete(peer.host);
    }
  }

  /** Finds the places that a URI names, the first to be tried first (RFC 3263). Rejects when there is none. */
  locate(uri: SipUri): Promise<readonly Peer[]> {
    return this.#locator.locate(uri);
  }

  /** The first of the places that a URI names. Rejects when there is none. */
  async resolve(uri: SipUri): Promise<Peer> {
    const [first] = await this.locate(uri);
    if (!first) throw new Error("the name has no address");
    return first;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }

  #streamOf(peer: Peer): StreamTransport | undefined {
    return peer.transport === "tls" ? this.#tls : this.#tcp;
  }

  /** Where nobody can connect to us, the way back is the connection that we opened: its far end knows it by its port. */
  async #portFor(peer: Peer): Promise<number> {
    const own =
      peer.transport === "tls" && !this.#tlsServer ? await this.#tls?.localPort(peer).catch(() => undefined) : undefined;
    return own ?? this.#ports[peer.transport];
  }

  #sendBytes(bytes: Uint8Array, peer: Peer): Promise<void> {
    this.#tell("out", bytes, peer);
    const transport = isReliable(peer) ? this.#streamOf(peer) : this.#udp;
    const sending = transport ? transport.send(bytes, peer) : Promise.reject(new Error("the transport is not open"));
    return this.#failures.watch(peer, sending);
  }

  #streamDeps(transport: "tcp" | "tls"): StreamDeps {
    return {
      transport,
      clock: this.#deps.clock,
      admits: (peer) => this.#deps.gate?.admits(peer) !== false,
      connect: (peer) => (transport === "tls" ? this.#connectTls(peer) : this.#connect(peer)),
      events: {
        message: (bytes, peer) => this.#receive(bytes, peer),
        broken: (reason, bytes, peer) => {
          if (!this.#lets(peer)) return;
          this.#tell("in", bytes, peer);
          const read = parseMessage(bytes);
          this.#refuse(read.type === "malformed" ? read : { type: "malformed", status: 400, reason }, bytes, peer);
        },
        refused: (reason, peer) => this.#complain("a TLS connection was refused", peer, { reason }),
      },
    };
  }

  /** From the address that we listen on, where it is one: a far end may know us by it. */
  #fromTo(peer: Peer) {
    const { host: local } = this.#config;
    const same = isIPv6(local) === isIPv6(peer.host) && local !== "0.0.0.0" && local !== "::";
    return { host: peer.host, port: peer.port, ...(same && { localAddress: local }) };
  }

  #connect(peer: Peer) {
    return { socket: connect(this.#fromTo(peer)), opened: "connect" } as const;
  }

  #connectTls(peer: Peer) {
    const name = peer.name ?? peer.host;
    const socket = connectTls({
      ...this.#fromTo(peer),
      ...secureContext(this.#identity),
      ca: this.#trusted(),
      ...(!isAddress(name) && { servername: name }),
      checkServerIdentity: (_host, certificate) => identityFault(name, certificate),
    });
    return { socket, opened: "secureConnect" } as const;
  }

  /** Read when TLS is first used: it is some hundred certificates. */
  #trusted(): string[] {
    this.#authorities ??= authoritiesWith(this.#config.authorities);
    return [...this.#authorities];
  }

  #serverContext(tls: TlsConfig) {
    const { requireClientCertificate = false } = tls;
    const { authorities } = this.#config;
    // Only the configured ones: anybody has a certificate of some authority.
    const asked = requireClientCertificate && { requestCert: true, rejectUnauthorized: true, ca: authorities };
    return { ...secureContext(tls), ...asked };
  }

  #lets(peer: Peer): boolean {
    const { gate } = this.#deps;
    return !gate || (gate.admits(peer) && gate.takes(peer));
  }

  #receive(bytes: Uint8Array, peer: Peer): void {
    if (!this.#lets(peer)) return;
    this.#tell("in", bytes, peer);
    const message = parseMessage(bytes);
    if (message.type === "malformed") this.#refuse(message, bytes, peer);
    else this.#deps.onMessage(message.type === "request" ? stamped(message, peer) : message, peer);
  }

  #refuse(malformed: Malformed, bytes: Uint8Array, peer: Peer): void {
    this.#complain("malformed SIP message", peer, { reason: malformed.reason, bytes: bytes.length });
    this.#deps.gate?.malformed(peer);
    const refusal = refusalOf(malformed, randomBytes(8).toString("hex"));
    const via = malformed.request?.via;
    if (!refusal || !via) return;
    const port = isReliable(peer) || via.params.has("rport") ? peer.port : (via.port ?? 5060);
    this.#sendBytes(refusal, { ...peer, port }).catch((err: unknown) => {
      this.#deps.log.debug("the refusal of a malformed message could not be sent", { source: peer, err });
    });
  }

  #complain(message: string, peer: Peer, fields: Readonly<Record<string, unknown>>): void {
    const now = this.#deps.clock.monotonic();
    if (now - (this.#complainedAt.get(peer.host) ?? Number.NEGATIVE_INFINITY) <= COMPLAIN_EVERY_MS) return;
    if (this.#complainedAt.size >= MAX_COMPLAINTS) this.#complainedAt.clear();
    this.#complainedAt.set(peer.host, now);
    this.#deps.log.warn(message, { source: peer, ...fields });
  }

  #tell(direction: WireMessage["direction"], bytes: Uint8Array, peer: Peer): void {
    const wireId = this.#deps.onWire && callIdOf(bytes);
    const port = this.#ports[peer.transport];
    const message: WireMessage = {
      at: this.#deps.clock.now(),
      direction,
      transport: peer.transport,
      local: formatHostPort({ host: this.#config.host, port }),
      remote: formatHostPort(peer),
      ...(wireId !== undefined && { wireId }),
      bytes,
    };
    this.#deps.onWire?.(message, peer);
  }
}

/** The Call-ID of a message, also of one that cannot be read otherwise. */
function callIdOf(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const [head = ""] = text.split(/\r?\n\r?\n/, 1);
  return /^(?:call-id|i)[ \t]*:[ \t]*(\S+)[ \t]*$/im.exec(head)?.[1];
}

/** Notes in the top Via where the request came from, for the way back (RFC 3261 §18.2.1, RFC 3581 §4). */
function stamped(request: SipRequest, peer: Peer): SipRequest {
  const [top, ...others] = request.vias;
  if (!top) return request;
  const asked = top.params.has("rport");
  const received = asked || top.host !== peer.host ? withParam(top, "received", peer.host) : top;
  return { ...request, vias: [asked ? withParam(received, "rport", String(peer.port)) : received, ...others] };
}

/** The families that a socket at this address speaks. */
const familiesOf = (host: string): readonly (4 | 6)[] => (host === "::" ? [4, 6] : isIPv6(host) ? [6] : [4]);

/** Where a response goes whose connection is gone (RFC 3261 §18.2.2). */
function statedPeer(via: Via, peer: Peer): Peer | undefined {
  const host = via.params.get("received") ?? via.host;
  const port = via.port ?? (peer.transport === "tls" ? TLS_PORT : 5_060);
  return isAddress(host) ? { transport: peer.transport, host, port } : undefined;
}
