import type { Clock } from "@sitebox/core/kernel";
import { type SipMessage, serialize } from "../parser/index.ts";
import type { Peer } from "./peer.ts";

/** A datagram longer than this may be cut on its way, or lost whole (RFC 3261 §18.1.1). */
const MAX_DATAGRAM_BYTES = 1_300;
/** How long a peer has to take the connection: the caller waits meanwhile. */
const OFFER_MS = 1_000;
/** A peer without TCP is asked again after this. */
const WITHOUT_TCP_MS = 10 * 60_000;
/** No transaction lives longer (64·T1 and the wait for the ACK). */
const REMEMBERED_MS = 5 * 60_000;
const MAX_REMEMBERED = 10_000;

export interface LargeRequestsDeps {
  readonly clock: Clock;
  /** Sends over TCP, with the port of ours that goes into the Via. */
  readonly tcpPort: () => number;
  readonly send: (bytes: Uint8Array, peer: Peer) => Promise<void>;
}

/** Requests to UDP peers that are too long for a datagram go over TCP where the peer can, with all that belongs to them. */
export class LargeRequests {
  readonly #deps: LargeRequestsDeps;
  /** Transactions that went over TCP: their CANCEL and ACK go the same way, and nothing is repeated. */
  readonly #switched = new Map<string, { readonly at: number; readonly sent: Set<string> }>();
  readonly #withoutTcp = new Map<string, number>();

  constructor(deps: LargeRequestsDeps) {
    this.#deps = deps;
  }

  /** Sends `message` over TCP if it has to; false when it is to go as a datagram. */
  async send(message: SipMessage, bytes: Uint8Array, peer: Peer): Promise<boolean> {
    if (message.type === "response" || peer.transport !== "udp") return false;
    const branch = message.vias[0]?.params.get("branch") ?? "";
    const known = this.#switched.get(branch);
    if (known?.sent.has(message.method)) return true;
    const now = this.#deps.clock.monotonic();
    if (!known && (bytes.length <= MAX_DATAGRAM_BYTES || (this.#withoutTcp.get(peer.host) ?? 0) > now)) return false;
    const sent = known?.sent ?? new Set();
    sent.add(message.method);
    this.#remember(branch, now, sent);
    if (await this.#offered(overTcp(message, this.#deps.tcpPort()), peer)) return true;
    this.#switched.delete(branch);
    if (this.#withoutTcp.size >= MAX_REMEMBERED) this.#withoutTcp.clear();
    this.#withoutTcp.set(peer.host, now + WITHOUT_TCP_MS);
    return false;
  }

  async #offered(bytes: Uint8Array, peer: Peer): Promise<boolean> {
    const late = Promise.withResolvers<boolean>();
    using _deadline = this.#deps.clock.after(OFFER_MS, () => late.resolve(false));
    const sending = this.#deps.send(bytes, { ...peer, transport: "tcp" }).then(
      () => true,
      () => false,
    );
    return Promise.race([sending, late.promise]);
  }

  #remember(branch: string, now: number, sent: Set<string>): void {
    for (const [old, { at }] of this.#switched) {
      if (now - at < REMEMBERED_MS && this.#switched.size < MAX_REMEMBERED) break;
      this.#switched.delete(old);
    }
    this.#switched.set(branch, { at: now, sent });
  }
}

function overTcp(message: SipMessage, port: number): Buffer {
  const [top, ...others] = message.vias;
  return serialize(top ? { ...message, vias: [{ ...top, transport: "TCP", port }, ...others] } : message);
}
