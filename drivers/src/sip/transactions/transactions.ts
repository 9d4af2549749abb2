import type { Clock, Log } from "@sitebox/core/kernel";
import { noBody, responseTo, type SipMessage, type SipRequest, type SipResponse, tagOf } from "../parser/index.ts";
import type { Peer } from "../transports/index.ts";
import { startClient, stepClient } from "./client.ts";
import { startInviteClient, stepInviteClient } from "./invite-client.ts";
import { startInviteServer, stepInviteServer } from "./invite-server.ts";
import { clientKey, mergeKey, newTag, serverKey } from "./keys.ts";
import { startServer, stepServer } from "./server.ts";
import type { ClientEvent, ServerEvent, Step, TransactionEffect, TransactionFault } from "./step.ts";
import { type Hands, type Machine, type TimerEvent, Transaction } from "./transaction.ts";

/** Who sent a request and hears what comes of it. */
export interface ClientUser {
  onResponse(response: SipResponse): void;
  /** Nothing more comes. After a final response that was not acknowledged in time it may come too. */
  onFailure(fault: TransactionFault): void;
}

/** A request that came and waits for its answer. */
export interface ServerTransaction {
  readonly request: SipRequest;
  readonly peer: Peer;
  /** Answers; a final answer is kept and repeated as the transport needs. An answer after a final one changes nothing. */
  respond(response: SipResponse): void;
}

export interface TransactionUser {
  /** A request for the first time. */
  onRequest(transaction: ServerTransaction): void;
  /** An ACK for a 2xx, which is a transaction of its own without an answer. */
  onAck(ack: SipRequest, peer: Peer): void;
  /** The final response to an INVITE was never acknowledged, or the INVITE is still without one after five minutes. */
  onUnanswered(transaction: ServerTransaction): void;
}

export interface TransactionsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly send: (message: SipMessage, peer: Peer) => Promise<void>;
  readonly user: TransactionUser;
}

interface ClientEntry {
  readonly machine: Machine<ClientEvent>;
  latest?: SipResponse;
}

interface ServerEntry extends ServerTransaction {
  readonly machine: Machine<ServerEvent>;
}

/** A flood of requests gets no more state than this. */
const MAX_SERVERS = 10_000;

/** The transaction layer (RFC 3261 §17): matches, repeats, absorbs repetitions, and gives up in time. */
export class Transactions implements Disposable {
  readonly #deps: TransactionsDeps;
  readonly #clients = new Map<string, ClientEntry>();
  readonly #servers = new Map<string, ServerEntry>();
  readonly #merged = new Map<string, string>();

  constructor(deps: TransactionsDeps) {
    this.#deps = deps;
  }

  /** How many transactions are alive. */
  get size(): number {
    return this.#clients.size + this.#servers.size;
  }

  /** How many of our requests are still without a final answer. */
  get waiting(): number {
    return [...this.#clients.values()].filter(({ latest }) => (latest?.status ?? 0) < 200).length;
  }

  /** Sends a request, which carries its own Via with a new branch. */
  request(request: SipRequest, peer: Peer, user: ClientUser): void {
    const key = clientKey(request);
    const reliable = peer.transport !== "udp";
    const hands: Hands = {
      send: () => this.#send(request, peer, () => machine.take({ type: "transport-failed" })),
      resend: () => this.#send(request, peer, () => machine.take({ type: "transport-failed" })),
      acknowledge: () => {
        if (entry.latest) this.#send(ackFor(request, entry.latest), peer, () => machine.take({ type: "transport-failed" }));
      },
      deliver: () => {
        if (entry.latest) user.onResponse(entry.latest);
      },
      fail: (fault) => user.onFailure(fault),
      ended: () => this.#clients.delete(key),
    };
    const { machine, begin } =
      request.method === "INVITE"
        ? this.#machine(startInviteClient(reliable), stepInviteClient, hands)
        : this.#machine(startClient(reliable), stepClient, hands);
    const entry: ClientEntry = { machine };
    this.#clients.set(key, entry);
    begin();
  }

  /** Takes what the transports read. */
  receive(message: SipMessage, peer: Peer): void {
    if (message.type === "response") this.#onResponse(message);
    else if (message.method === "ACK") this.#onAck(message, peer);
    else this.#onRequest(message, peer);
  }

  /** The INVITE that a CANCEL means, where it is still there (RFC 3261 §9.2). */
  inviteOf(cancel: SipRequest): ServerTransaction | undefined {
    return this.#servers.get(serverKey(cancel, "INVITE"));
  }

  [Symbol.dispose](): void {
    for (const { machine } of [...this.#clients.values(), ...this.#servers.values()]) machine.drop();
    this.#clients.clear();
    this.#servers.clear();
    this.#merged.clear();
  }

  #machine<State extends { readonly state: string }, Event>(
    { next, effects }: Step<State, TransactionEffect>,
    step: (state: State, event: Event | TimerEvent) => Step<State, TransactionEffect>,
    hands: Hands,
  ): { machine: Machine<Event | TimerEvent>; begin: () => void } {
    const machine = new Transaction<State, Event>({ clock: this.#deps.clock, step, hands, initial: next });
    return { machine, begin: () => machine.begin(effects) };
  }

  #onResponse(response: SipResponse): void {
    const entry = this.#clients.get(clientKey(response));
    if (!entry) return;
    entry.latest = response;
    entry.machine.take({ type: "response", status: response.status });
  }

  #onAck(ack: SipRequest, peer: Peer): void {
    const entry = this.#servers.get(serverKey(ack));
    // Some peers reuse the INVITE's branch for the ACK to a 2xx.
    if (entry && entry.machine.state !== "accepted") entry.machine.take({ type: "ack" });
    else this.#deps.user.onAck(ack, peer);
  }

  #onRequest(request: SipRequest, peer: Peer): void {
    const key = serverKey(request);
    const known = this.#servers.get(key);
    if (known) return void known.machine.take({ type: "request" });
    if (this.#servers.size >= MAX_SERVERS) {
      this.#deps.log.warn("too many SIP transactions, a request was dropped", { source: peer, method: request.method });
      return;
    }
    const merged = tagOf(request.to) === undefined && this.#merged.has(mergeKey(request));
    this.#serve(request, peer, merged);
  }

  #serve(request: SipRequest, peer: Peer, merged: boolean): void {
    const key = serverKey(request);
    const mergedKey = mergeKey(request);
    const answerTo = responsePeer(request, peer);
    let latest: SipResponse | undefined;
    const resend = () => {
      if (latest) this.#send(latest, answerTo, () => machine.take({ type: "transport-failed" }));
    };
    const hands: Hands = {
      send: () => {
        latest = offered;
        resend();
      },
      resend,
      acknowledge: () => {},
      deliver: () => {
        if (merged) entry.respond(responseTo(request, 482, { toTag: newTag() }));
        else this.#deps.user.onRequest(entry);
      },
      fail: () => this.#deps.user.onUnanswered(entry),
      ended: () => {
        this.#servers.delete(key);
        if (this.#merged.get(mergedKey) === key) this.#merged.delete(mergedKey);
      },
    };
    const reliable = peer.transport !== "udp";
    const { machine, begin } =
      request.method === "INVITE"
        ? this.#machine(startInviteServer(reliable), stepInviteServer, hands)
        : this.#machine(startServer(reliable), stepServer, hands);
    let offered: SipResponse | undefined;
    const respond = (response: SipResponse) => {
      offered = response;
      machine.take({ type: "respond", status: response.status });
    };
    const entry: ServerEntry = { request, peer, machine, respond };
    this.#servers.set(key, entry);
    if (!merged) this.#merged.set(mergedKey, key);
    begin();
  }

  #send(message: SipMessage, peer: Peer, onFailure: () => void): void {
    this.#deps.send(message, peer).catch((err: unknown) => {
      this.#deps.log.debug("a SIP message could not be sent", { peer, err });
      onFailure();
    });
  }
}

/** Where the answers to a request go (RFC 3261 §18.2.2, RFC 3581 §4). */
function responsePeer(request: SipRequest, peer: Peer): Peer {
  const [via] = request.vias;
  if (peer.transport !== "udp" || !via || via.params.has("rport")) return peer;
  return { ...peer, port: via.port ?? 5060 };
}

/** The ACK for a refusal: same branch, To of the refusal (RFC 3261 §17.1.1.3). */
function ackFor(invite: SipRequest, refusal: SipResponse): SipRequest {
  const [via] = invite.vias;
  return {
    ...invite,
    method: "ACK",
    vias: via ? [via] : [],
    to: refusal.to,
    cseq: { number: invite.cseq.number, method: "ACK" },
    headers: invite.headers.filter(([name]) => name === "route" || name === "max-forwards"),
    body: noBody,
  };
}
