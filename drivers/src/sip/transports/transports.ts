import { randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
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
  withParam,
} from "../parser/index.ts";
import { isPrivate, type Peer } from "./peer.ts";
import { openTcp, type TcpTransport } from "./tcp.ts";
import { openUdp, sourceAddress, type UdpTransport } from "./udp.ts";

export interface TransportsConfig {
  readonly host: string;
  /** For UDP and TCP alike; 0 takes free ones. */
  readonly port: number;
  /** How peers outside the site reach us, where a router stands between. */
  readonly externalAddress?: string | undefined;
}

export interface TransportsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly onMessage: (message: SipMessage, peer: Peer) => void;
  /** Every message that went out or came in, malformed ones too; not the empty lines that keep ways open. */
  readonly onWire?: ((message: WireMessage) => void) | undefined;
}

/** Malformed packets are logged once in this time for each source: a scanner must not fill the disk. */
const COMPLAIN_EVERY_MS = 60_000;
const MAX_COMPLAINTS = 1_000;

/** Every way in and out of the box for SIP messages behind one `send`. */
export class Transports implements AsyncDisposable {
  readonly #config: TransportsConfig;
  readonly #deps: TransportsDeps;
  readonly #owned = new AsyncDisposableStack();
  readonly #routes = new Map<string, Promise<string>>();
  readonly #complainedAt = new Map<string, number>();
  #udp: UdpTransport | undefined;
  #tcp: TcpTransport | undefined;
  #udpPort = 0;
  #tcpPort = 0;

  constructor(config: TransportsConfig, deps: TransportsDeps) {
    this.#config = config;
    this.#deps = deps;
  }

  get udpPort(): number {
    return this.#udpPort;
  }

  get tcpPort(): number {
    return this.#tcpPort;
  }

  /** Binds both sockets. Rejects when a port is taken; then nothing stays open. */
  async listen(): Promise<void> {
    const { host, port } = this.#config;
    const udp = await openUdp({ host, port }, (bytes, peer) => this.#receive(bytes, peer));
    this.#owned.use(udp.transport);
    this.#udp = udp.transport;
    this.#udpPort = udp.port;
    const events = {
      message: (bytes: Uint8Array, peer: Peer) => this.#receive(bytes, peer),
      broken: (reason: string, bytes: Uint8Array, peer: Peer) => {
        this.#tell("in", bytes, peer);
        const read = parseMessage(bytes);
        this.#refuse(read.type === "malformed" ? read : { type: "malformed", status: 400, reason }, bytes, peer);
      },
    };
    const tcp = await openTcp({ host, port }, { events, clock: this.#deps.clock }).catch(async (error: unknown) => {
      await this.#owned.disposeAsync();
      throw error;
    });
    this.#owned.use(tcp.transport);
    this.#tcp = tcp.transport;
    this.#tcpPort = tcp.port;
  }

  /** Hands a message to the network. Rejects when it cannot leave: no route, no connection. */
  async send(message: SipMessage, peer: Peer): Promise<void> {
    await this.#sendBytes(serialize(message), peer);
  }

  /** Whether the very connection is open that a TCP peer came over; for UDP there is always a way back. */
  connected(peer: Peer): boolean {
    return peer.transport === "udp" || this.#tcp?.connected(peer) === true;
  }

  /** The host and port of ours that this peer is to answer to: goes into Via, Contact and SDP. */
  async localAddress(peer: Peer): Promise<{ host: string; port: number }> {
    const port = peer.transport === "udp" ? this.#udpPort : this.#tcpPort;
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

  /** Finds the peer that a URI names (RFC 3263 without SRV). Rejects when the name has no address. */
  async resolve(uri: SipUri): Promise<Peer> {
    const transport = uri.params.get("transport")?.toLowerCase() === "tcp" ? "tcp" : "udp";
    const name = uri.params.get("maddr") ?? uri.host;
    const host = isIP(name) ? name : (await lookup(name, isIP(this.#config.host) === 6 ? {} : { family: 4 })).address;
    return { transport, host, port: uri.port ?? 5060 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }

  #sendBytes(bytes: Buffer, peer: Peer): Promise<void> {
    this.#tell("out", bytes, peer);
    const transport = peer.transport === "udp" ? this.#udp : this.#tcp;
    return transport ? transport.send(bytes, peer) : Promise.reject(new Error("the transport is not open"));
  }

  #receive(bytes: Uint8Array, peer: Peer): void {
    this.#tell("in", bytes, peer);
    const message = parseMessage(bytes);
    if (message.type === "malformed") this.#refuse(message, bytes, peer);
    else this.#deps.onMessage(message.type === "request" ? stamped(message, peer) : message, peer);
  }

  #refuse(malformed: Malformed, bytes: Uint8Array, peer: Peer): void {
    const now = this.#deps.clock.monotonic();
    if (now - (this.#complainedAt.get(peer.host) ?? Number.NEGATIVE_INFINITY) > COMPLAIN_EVERY_MS) {
      if (this.#complainedAt.size >= MAX_COMPLAINTS) this.#complainedAt.clear();
      this.#complainedAt.set(peer.host, now);
      this.#deps.log.warn("malformed SIP message", { source: peer, reason: malformed.reason, bytes: bytes.length });
    }
    const refusal = refusalOf(malformed, randomBytes(8).toString("hex"));
    const via = malformed.request?.via;
    if (!refusal || !via) return;
    const port = peer.transport === "tcp" || via.params.has("rport") ? peer.port : (via.port ?? 5060);
    this.#sendBytes(refusal, { ...peer, port }).catch((err: unknown) => {
      this.#deps.log.debug("the refusal of a malformed message could not be sent", { source: peer, err });
    });
  }

  #tell(direction: WireMessage["direction"], bytes: Uint8Array, peer: Peer): void {
    const wireId = this.#deps.onWire && callIdOf(bytes);
    const port = peer.transport === "udp" ? this.#udpPort : this.#tcpPort;
    this.#deps.onWire?.({
      at: this.#deps.clock.now(),
      direction,
      transport: peer.transport,
      local: formatHostPort({ host: this.#config.host, port }),
      remote: formatHostPort(peer),
      ...(wireId !== undefined && { wireId }),
      bytes,
    });
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
